#include "index/segment.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "index/bytes.h"
#include "index/columns.h"
#include "index/segment_writer.h"

namespace trine::index {
namespace {

class HeapBytes final : public storage::FileBytes {
 public:
  explicit HeapBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string_view bytes() const override { return bytes_; }

 private:
  const std::string bytes_;
};

}  // namespace

std::unique_ptr<SegmentTerms> SegmentTerms::Open(std::string_view segment, const TermsLayout& layout,
                                                 uint32_t rows) {
  auto terms = std::make_unique<SegmentTerms>();
  terms->layout_ = layout;
  const auto dictionary = TermDictionary::Open(Slice(segment, layout.dictionary),
                                               Slice(segment, layout.index), layout.term_count, layout.norms);
  if (!dictionary || layout.row_count > rows) return nullptr;
  terms->dictionary_ = *dictionary;
  terms->postings_ = {Slice(segment, layout.postings), Slice(segment, layout.position_bytes),
                      layout.positions, rows};
  if (!layout.norms) return terms;
  const auto set = RowSet::Open(layout.norm_rows.kind, Slice(segment, layout.norm_rows.bytes),
                                layout.norm_rows.count, rows);
  if (!set || layout.norm_bytes.length != set->size()) return nullptr;
  terms->norm_rows_ = *set;
  terms->norm_bytes_ = segment.data() + layout.norm_bytes.offset;
  return terms;
}

void SegmentTerms::Visit(std::string_view from,
                         const std::function<bool(std::string_view, const TermStats&)>& visit) const {
  for (TermDictionary::Iterator it(dictionary_, from); it.Valid(); it.Next()) {
    if (!visit(it.term(), it.stats())) return;
  }
}

Result<SegmentPtr> Segment::Open(std::shared_ptr<const storage::FileBytes> bytes, std::string name) {
  TRINE_CHECK(bytes != nullptr);
  std::shared_ptr<Segment> segment(new Segment);
  segment->bytes_ = std::move(bytes);
  segment->name_ = std::move(name);
  TRINE_ASSIGN(segment->layout_, DecodeLayout(segment->bytes_->bytes()));
  TRINE_TRY(segment->OpenIdentity());
  TRINE_TRY(segment->OpenFields());
  return SegmentPtr(std::move(segment));
}

Result<SegmentPtr> Segment::OpenHeap(std::string bytes, std::string name) {
  return Open(std::make_shared<HeapBytes>(std::move(bytes)), std::move(name));
}

Status Segment::OpenIdentity() {
  const std::string_view all = bytes_->bytes();
  const uint64_t row_count = layout_.rows;
  const uint8_t width = layout_.seq_no_width;
  if (row_count >= kNoMoreRows / 2 || (width != 2 && width != 4 && width != 8) ||
      layout_.seq_nos.length != row_count * width || layout_.id_offsets.length != 4 * (row_count + 1) ||
      layout_.id_slots.length != 4 * static_cast<uint64_t>(IdSlotCount(layout_.rows))) {
    return CorruptSegment("its number of rows contradicts the sizes of its sections");
  }
  seq_nos_ = all.data() + layout_.seq_nos.offset;
  id_offsets_ = all.data() + layout_.id_offsets.offset;
  id_bytes_ = Slice(all, layout_.id_bytes);
  id_slots_ = all.data() + layout_.id_slots.offset;
  return Ok();
}

Status Segment::OpenFields() {
  const std::string_view all = bytes_->bytes();
  for (const FieldLayout& layout : layout_.fields) {
    Field field;
    if (layout.terms) field.terms = SegmentTerms::Open(all, *layout.terms, rows());
    if (layout.numbers) field.numbers = OpenNumberColumn(all, *layout.numbers, rows());
    if (layout.keywords) field.keywords = OpenKeywordColumn(all, *layout.keywords, rows());
    if (layout.vectors) field.vectors = OpenVectorColumn(all, *layout.vectors, rows());
    const bool whole = layout.terms.has_value() == (field.terms != nullptr) &&
                       layout.numbers.has_value() == (field.numbers != nullptr) &&
                       layout.keywords.has_value() == (field.keywords != nullptr) &&
                       layout.vectors.has_value() == (field.vectors != nullptr);
    if (!whole || !fields_.emplace(layout.name, std::move(field)).second) {
      return CorruptSegment("the sections of a field contradict each other");
    }
  }
  return Ok();
}

Status Segment::VerifyBody() const {
  TRINE_ASSIGN(const BodyChecksum body, ReadBodyChecksum(bytes_->bytes()));
  if (storage::Crc32c(body.body) != body.crc) return CorruptSegment("the checksum of its body is wrong");
  return Ok();
}

uint32_t Segment::body_crc() const {
  const auto body = ReadBodyChecksum(bytes_->bytes());
  return body.ok() ? body->crc : 0;
}

SeqNo Segment::seq_no(Row row) const {
  if (row >= rows()) return SeqNo{layout_.last_seq_no};
  const size_t i = row;
  switch (layout_.seq_no_width) {
    case 2:
      return SeqNo{layout_.first_seq_no + Load<uint16_t>(seq_nos_ + 2 * i)};
    case 4:
      return SeqNo{layout_.first_seq_no + Load<uint32_t>(seq_nos_ + 4 * i)};
    default:
      return SeqNo{layout_.first_seq_no + Load<uint64_t>(seq_nos_ + 8 * i)};
  }
}

std::optional<Row> Segment::RowOf(SeqNo wanted) const {
  if (rows() == 0 || wanted.value < layout_.first_seq_no || wanted.value > layout_.last_seq_no)
    return std::nullopt;
  Row low = 0, high = rows();
  while (low < high) {
    const Row middle = low + (high - low) / 2;
    if (seq_no(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == rows() || seq_no(low) != wanted) return std::nullopt;
  return low;
}

std::string_view Segment::id(Row row) const {
  if (row >= rows()) return {};
  const auto begin = Load<uint32_t>(id_offsets_ + 4 * static_cast<size_t>(row));
  const auto end = Load<uint32_t>(id_offsets_ + 4 * static_cast<size_t>(row) + 4);
  return begin <= end && end <= id_bytes_.size() ? id_bytes_.substr(begin, end - begin) : std::string_view();
}

std::optional<Row> Segment::Find(std::string_view wanted, const LiveBitsPtr& live) const {
  const uint32_t slots = IdSlotCount(rows());
  TRINE_DCHECK(std::has_single_bit(slots));
  uint32_t slot = static_cast<uint32_t>(Hash64(wanted)) & (slots - 1);
  for (uint32_t tries = 0; tries < slots; ++tries, slot = (slot + 1) & (slots - 1)) {
    const auto taken = Load<uint32_t>(id_slots_ + 4 * static_cast<size_t>(slot));
    if (taken == 0) return std::nullopt;
    const Row row = taken - 1;
    if (row < rows() && IsLive(live, row) && id(row) == wanted) return row;
  }
  return std::nullopt;
}

const Segment::Field* Segment::field(std::string_view name) const {
  const auto it = fields_.find(name);
  return it == fields_.end() ? nullptr : &it->second;
}

const FieldTerms* SegmentView::terms(std::string_view field) const {
  const Segment::Field* f = segment_->field(field);
  return f == nullptr ? nullptr : f->terms.get();
}
const NumberColumn* SegmentView::numbers(std::string_view field) const {
  const Segment::Field* f = segment_->field(field);
  return f == nullptr ? nullptr : f->numbers.get();
}
const KeywordColumn* SegmentView::keywords(std::string_view field) const {
  const Segment::Field* f = segment_->field(field);
  return f == nullptr ? nullptr : f->keywords.get();
}
const VectorColumn* SegmentView::vectors(std::string_view field) const {
  const Segment::Field* f = segment_->field(field);
  return f == nullptr ? nullptr : f->vectors.get();
}

Result<SegmentPtr> OpenVerifiedSegment(std::string bytes) {
  TRINE_ASSIGN(SegmentPtr segment, Segment::OpenHeap(std::move(bytes), "memory"));
  TRINE_TRY(segment->VerifyBody());
  return segment;
}

}  // namespace trine::index
