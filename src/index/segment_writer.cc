#include "index/segment_writer.h"

#include <bit>

#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"
#include "index/bytes.h"

namespace trine::index {

TermsWriter::TermsWriter(uint32_t rows, bool with_positions, std::vector<uint8_t> norms)
    : with_positions_(with_positions),
      norms_(std::move(norms)),
      postings_(with_positions, norms_),
      dictionary_(!norms_.empty()),
      has_terms_((static_cast<size_t>(rows) + 63) / 64) {
  TRINE_CHECK(norms_.empty() || norms_.size() == rows);
}

void TermsWriter::Begin(std::string_view term) {
  TRINE_DCHECK_LE(term.size(), limits::kMaxTermBytes);
  postings_.Begin();
  term_.assign(term);
  in_term_ = false;
}

void TermsWriter::End() {
  if (!in_term_) return;
  const TermStats stats = postings_.End();
  TRINE_DCHECK_GE(stats.total_frequency, stats.row_count);
  dictionary_.Add(term_, stats);
  total_length_ += stats.total_frequency;
}

TermsLayout TermsWriter::Encode(SectionSink* sink) const {
  TermsLayout t;
  t.norms = !norms_.empty();
  t.positions = with_positions_;
  for (uint64_t word : has_terms_) t.row_count += static_cast<uint32_t>(std::popcount(word));
  t.total_length = total_length_;
  t.term_count = dictionary_.count();
  t.dictionary = sink->Put(dictionary_.blocks());
  t.index = sink->Put(dictionary_.index());
  t.postings = sink->Put(postings_.postings());
  if (with_positions_) t.position_bytes = sink->Put(postings_.positions());
  if (!t.norms) return t;
  std::vector<Row> rows;
  std::string bytes;
  for (Row row = 0; row < norms_.size(); ++row) {
    if (norms_[row] == 0) continue;
    rows.push_back(row);
    bytes.push_back(static_cast<char>(norms_[row]));
  }
  t.norm_rows = PutRowSet(rows, static_cast<uint32_t>(norms_.size()), false, sink);
  t.norm_bytes = sink->Put(bytes);
  return t;
}

uint32_t IdSlotCount(uint32_t rows) {
  return static_cast<uint32_t>(std::bit_ceil(static_cast<uint64_t>(rows) * 3 / 2 + 1));
}

SegmentWriter::SegmentWriter(ByteSink* sink, uint32_t rows) : sink_(sink) {
  TRINE_CHECK_LT(rows, kNoMoreRows / 2);
  layout_.rows = rows;
  sink_.PutRaw({kSegmentMagic, kMagicBytes});
}

void SegmentWriter::Identity(const std::vector<uint64_t>& seq_nos, const std::vector<std::string_view>& ids) {
  TRINE_CHECK(!identified_ && layout_.fields.empty());
  TRINE_CHECK_EQ(seq_nos.size(), layout_.rows);
  TRINE_CHECK_EQ(ids.size(), layout_.rows);
  identified_ = true;
  if (!seq_nos.empty()) {
    layout_.first_seq_no = seq_nos.front();
    layout_.last_seq_no = seq_nos.back();
  }
  const uint64_t span = layout_.last_seq_no - layout_.first_seq_no;
  layout_.seq_no_width = span <= 0xffff ? 2 : span <= 0xffffffff ? 4 : 8;
  std::string bytes;
  uint64_t before = 0;
  for (uint64_t seq_no : seq_nos) {
    TRINE_CHECK(bytes.empty() || seq_no > before);
    before = seq_no;
    const uint64_t distance = seq_no - layout_.first_seq_no;
    bytes.append(reinterpret_cast<const char*>(&distance), layout_.seq_no_width);
  }
  layout_.seq_nos = sink_.Put(bytes);

  std::string offsets, text;
  AppendFixed<uint32_t>(0, &offsets);
  for (std::string_view id : ids) {
    text.append(id);
    TRINE_CHECK_LE(text.size(), UINT32_MAX);
    AppendFixed<uint32_t>(static_cast<uint32_t>(text.size()), &offsets);
  }
  layout_.id_offsets = sink_.Put(offsets);
  layout_.id_bytes = sink_.Put(text);

  // If several rows have the same id, newer ones are inserted first, so that a lookup soon meets the live
  // one.
  const uint32_t mask = IdSlotCount(layout_.rows) - 1;
  std::vector<uint32_t> slots(static_cast<size_t>(mask) + 1);
  for (uint32_t row = layout_.rows; row-- > 0;) {
    uint32_t slot = static_cast<uint32_t>(Hash64(ids[row])) & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  }
  layout_.id_slots = sink_.Put({reinterpret_cast<const char*>(slots.data()), slots.size() * 4});
}

FieldLayout& SegmentWriter::Field(std::string_view name) {
  TRINE_CHECK(identified_ && !finished_);
  if (layout_.fields.empty() || layout_.fields.back().name != name) {
    if (!layout_.fields.empty()) TRINE_CHECK_LT(layout_.fields.back().name, name);
    layout_.fields.emplace_back().name.assign(name);
  }
  return layout_.fields.back();
}

void SegmentWriter::Terms(std::string_view field, const TermsWriter& terms) {
  Field(field).terms = terms.Encode(&sink_);
}
void SegmentWriter::Numbers(std::string_view field, const NumberColumnBuilder& numbers) {
  Field(field).numbers = numbers.Encode(layout_.rows, &sink_);
}
void SegmentWriter::Keywords(std::string_view field, const KeywordColumnBuilder& keywords) {
  Field(field).keywords = keywords.Encode(layout_.rows, &sink_);
}
void SegmentWriter::Vectors(std::string_view field, const VectorColumnBuilder& vectors) {
  Field(field).vectors = vectors.Encode(layout_.rows, &sink_);
}

Result<uint64_t> SegmentWriter::Finish() {
  TRINE_CHECK(identified_ && !finished_);
  finished_ = true;
  const uint64_t toc_offset = sink_.size();
  const uint32_t body_crc = sink_.crc();
  const std::string toc = EncodeLayout(layout_);
  sink_.PutRaw(toc);
  sink_.PutRaw(EncodeFooter(toc_offset, toc, body_crc));
  if (sink_.error()) return *sink_.error();
  return sink_.size();
}

}  // namespace trine::index
