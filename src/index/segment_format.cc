#include "index/segment_format.h"

#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "index/bytes.h"
#include "storage/directory.h"
#include "storage/format_version.h"

namespace trine::index {
namespace {

// Bits of the first byte of a field. These bits and those below reach disk; never reuse a bit.
constexpr uint8_t kHasTerms = 1, kHasNumbers = 2, kHasKeywords = 4, kHasVectors = 8;
// Bits of the flag byte of terms (norms, positions) and of columns (double, multi).
constexpr uint8_t kNorms = 1, kPositions = 2;
constexpr uint8_t kDouble = 1, kMulti = 2, kUnsigned = 4;

void PutExtent(std::string* out, const Extent& e) {
  AppendVarint(e.offset, out);
  AppendVarint(e.length, out);
}

void PutRowSetLayout(std::string* out, const RowSetLayout& set) {
  out->push_back(static_cast<char>(set.kind));
  AppendVarint(set.count, out);
  PutExtent(out, set.bytes);
}

void PutTerms(std::string* out, const TermsLayout& t) {
  out->push_back(static_cast<char>((t.norms ? kNorms : 0) | (t.positions ? kPositions : 0)));
  AppendVarint(t.row_count, out);
  AppendVarint(t.total_length, out);
  AppendVarint(t.term_count, out);
  for (const Extent* e : {&t.dictionary, &t.index, &t.postings}) PutExtent(out, *e);
  if (t.positions) PutExtent(out, t.position_bytes);
  if (!t.norms) return;
  PutRowSetLayout(out, t.norm_rows);
  PutExtent(out, t.norm_bytes);
}

void PutNumbers(std::string* out, const NumberLayout& n) {
  const uint8_t kind = n.kind == NumberKind::kDouble     ? kDouble
                       : n.kind == NumberKind::kUnsigned ? kUnsigned
                                                         : 0;
  out->push_back(static_cast<char>(kind | (n.multi ? kMulti : 0)));
  out->push_back(static_cast<char>(n.width));
  AppendFixed<int64_t>(n.base, out);
  AppendVarint(n.value_count, out);
  PutRowSetLayout(out, n.rows);
  if (n.multi) PutExtent(out, n.offsets);
  PutExtent(out, n.values);
}

void PutKeywords(std::string* out, const KeywordLayout& k) {
  out->push_back(static_cast<char>(k.multi ? kMulti : 0));
  out->push_back(static_cast<char>(k.width));
  AppendVarint(k.value_count, out);
  AppendVarint(k.ordinal_count, out);
  PutExtent(out, k.value_offsets);
  PutExtent(out, k.value_bytes);
  PutRowSetLayout(out, k.rows);
  if (k.multi) PutExtent(out, k.offsets);
  PutExtent(out, k.ordinals);
}

// Reads the table of contents. Every extent must lie in the first `size` bytes of the segment.
class LayoutReader {
 public:
  LayoutReader(std::string_view toc, uint64_t size) : in_(toc), size_(size) {}

  Result<SegmentLayout> Read();

 private:
  Extent ReadExtent() {
    Extent e;
    e.offset = in_.Varint();
    e.length = in_.Varint();
    if (e.offset > size_ || e.length > size_ - e.offset) in_.Fail();
    return in_.ok() ? e : Extent{};
  }
  RowSetLayout ReadRowSet() {
    RowSetLayout set;
    set.kind = static_cast<RowSetKind>(in_.Fixed<uint8_t>());
    set.count = in_.Varint32();
    set.bytes = ReadExtent();
    return set;
  }
  TermsLayout ReadTerms();
  NumberLayout ReadNumbers();
  KeywordLayout ReadKeywords();
  VectorLayout ReadVectors();

  ByteReader in_;
  const uint64_t size_;
};

TermsLayout LayoutReader::ReadTerms() {
  TermsLayout t;
  const auto flags = in_.Fixed<uint8_t>();
  t.norms = (flags & kNorms) != 0;
  t.positions = (flags & kPositions) != 0;
  t.row_count = in_.Varint32();
  t.total_length = in_.Varint();
  t.term_count = in_.Varint();
  t.dictionary = ReadExtent();
  t.index = ReadExtent();
  t.postings = ReadExtent();
  if (t.positions) t.position_bytes = ReadExtent();
  if (!t.norms) return t;
  t.norm_rows = ReadRowSet();
  t.norm_bytes = ReadExtent();
  return t;
}

NumberLayout LayoutReader::ReadNumbers() {
  NumberLayout n;
  const auto flags = in_.Fixed<uint8_t>();
  n.kind = (flags & kDouble) != 0     ? NumberKind::kDouble
           : (flags & kUnsigned) != 0 ? NumberKind::kUnsigned
                                      : NumberKind::kInteger;
  n.multi = (flags & kMulti) != 0;
  n.width = in_.Fixed<uint8_t>();
  n.base = in_.Fixed<int64_t>();
  n.value_count = in_.Varint32();
  n.rows = ReadRowSet();
  if (n.multi) n.offsets = ReadExtent();
  n.values = ReadExtent();
  return n;
}

KeywordLayout LayoutReader::ReadKeywords() {
  KeywordLayout k;
  k.multi = (in_.Fixed<uint8_t>() & kMulti) != 0;
  k.width = in_.Fixed<uint8_t>();
  k.value_count = in_.Varint32();
  k.ordinal_count = in_.Varint32();
  k.value_offsets = ReadExtent();
  k.value_bytes = ReadExtent();
  k.rows = ReadRowSet();
  if (k.multi) k.offsets = ReadExtent();
  k.ordinals = ReadExtent();
  return k;
}

VectorLayout LayoutReader::ReadVectors() {
  VectorLayout v;
  v.dimension = in_.Varint32();
  v.rows = ReadRowSet();
  v.floats = ReadExtent();
  if (v.dimension == 0 || v.dimension > limits::kMaxVectorDimension) in_.Fail();
  return v;
}

Result<SegmentLayout> LayoutReader::Read() {
  SegmentLayout s;
  s.rows = in_.Varint32();
  s.first_seq_no = in_.Varint();
  s.last_seq_no = in_.Varint();
  s.seq_no_width = in_.Fixed<uint8_t>();
  s.seq_nos = ReadExtent();
  s.id_offsets = ReadExtent();
  s.id_bytes = ReadExtent();
  s.id_slots = ReadExtent();
  const uint64_t fields = in_.Varint();
  for (uint64_t i = 0; i < fields && in_.ok(); ++i) {
    FieldLayout f;
    f.name = std::string(in_.Text());
    const auto parts = in_.Fixed<uint8_t>();
    if ((parts & kHasTerms) != 0) f.terms = ReadTerms();
    if ((parts & kHasNumbers) != 0) f.numbers = ReadNumbers();
    if ((parts & kHasKeywords) != 0) f.keywords = ReadKeywords();
    if ((parts & kHasVectors) != 0) f.vectors = ReadVectors();
    s.fields.push_back(std::move(f));
  }
  if (!in_.ok() || in_.left() != 0) return CorruptSegment("its table of contents cannot be parsed");
  return s;
}

struct Footer {
  uint64_t toc_offset, toc_length;
  uint32_t toc_crc, body_crc;
};

Result<Footer> ReadFooter(std::string_view segment) {
  if (segment.size() < kMagicBytes + kSegmentFooterBytes) return CorruptSegment("it is too short");
  // Every version has its magic at both ends; if they differ, one of them is damaged.
  const auto version = VersionInMagic(segment, kSegmentMagicPrefix);
  const bool readable = version && *version >= 1 && *version <= kSegmentVersion;
  if (version && !readable && segment.ends_with(segment.substr(0, kMagicBytes))) {
    return storage::UnsupportedFormatVersion("a segment", *version, kSegmentVersion);
  }
  if (!readable) return CorruptSegment("it does not begin with the magic bytes");
  const std::string_view magic = segment.substr(0, kMagicBytes);
  ByteReader in(segment.substr(segment.size() - kSegmentFooterBytes));
  Footer f{};
  f.toc_offset = in.Fixed<uint64_t>();
  f.toc_length = in.Fixed<uint64_t>();
  f.toc_crc = in.Fixed<uint32_t>();
  f.body_crc = in.Fixed<uint32_t>();
  if (in.Bytes(kMagicBytes) != magic) return CorruptSegment("it does not end with the magic bytes");
  const uint64_t room = segment.size() - kSegmentFooterBytes;
  if (f.toc_offset < kMagicBytes || f.toc_offset > room || f.toc_length != room - f.toc_offset) {
    return CorruptSegment("the offsets in its footer do not fit its size");
  }
  return f;
}

}  // namespace

Error CorruptSegment(std::string what) {
  return Error(ErrorCode::kCorrupt, "a segment is damaged: " + std::move(what));
}

Extent SectionSink::Put(std::string_view section) {
  static constexpr char kZeros[kSectionAlignment] = {};
  const size_t over = size_ % kSectionAlignment;
  if (over != 0 && !section.empty()) PutRaw({kZeros, kSectionAlignment - over});
  if (!section.empty()) TRINE_DCHECK_EQ(size_ % kSectionAlignment, 0u);
  const Extent extent{size_, section.size()};
  PutRaw(section);
  return extent;
}

void SectionSink::PutRaw(std::string_view bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  crc_ = storage::Crc32c(bytes, crc_);
  if (error_) return;
  auto status = sink_->Append(bytes);
  if (!status.ok()) error_ = std::move(status).error();
}

RowSetLayout PutRowSet(const std::vector<Row>& rows, uint32_t row_count, bool list_only, SectionSink* sink) {
  RowSetLayout layout;
  std::string bytes;
  layout.kind = EncodeRowSet(rows, row_count, list_only, &bytes);
  layout.count = static_cast<uint32_t>(rows.size());
  layout.bytes = sink->Put(bytes);
  return layout;
}

std::string EncodeLayout(const SegmentLayout& layout) {
  TRINE_CHECK_LE(layout.first_seq_no, layout.last_seq_no);
  std::string out;
  AppendVarint(layout.rows, &out);
  AppendVarint(layout.first_seq_no, &out);
  AppendVarint(layout.last_seq_no, &out);
  out.push_back(static_cast<char>(layout.seq_no_width));
  for (const Extent* e : {&layout.seq_nos, &layout.id_offsets, &layout.id_bytes, &layout.id_slots}) {
    PutExtent(&out, *e);
  }
  AppendVarint(layout.fields.size(), &out);
  for (const FieldLayout& f : layout.fields) {
    TRINE_CHECK(f.terms || f.numbers || f.keywords || f.vectors);
    AppendLengthPrefixed(f.name, &out);
    out.push_back(static_cast<char>((f.terms ? kHasTerms : 0) | (f.numbers ? kHasNumbers : 0) |
                                    (f.keywords ? kHasKeywords : 0) | (f.vectors ? kHasVectors : 0)));
    if (f.terms) PutTerms(&out, *f.terms);
    if (f.numbers) PutNumbers(&out, *f.numbers);
    if (f.keywords) PutKeywords(&out, *f.keywords);
    if (f.vectors) {
      AppendVarint(f.vectors->dimension, &out);
      PutRowSetLayout(&out, f.vectors->rows);
      PutExtent(&out, f.vectors->floats);
    }
  }
  return out;
}

Result<SegmentLayout> DecodeLayout(std::string_view segment) {
  TRINE_ASSIGN(const Footer footer, ReadFooter(segment));
  const std::string_view toc = segment.substr(footer.toc_offset, footer.toc_length);
  if (storage::Crc32c(toc) != footer.toc_crc) {
    return CorruptSegment("the checksum of its table of contents is wrong");
  }
  return LayoutReader(toc, footer.toc_offset).Read();
}

Result<BodyChecksum> ReadBodyChecksum(std::string_view segment) {
  TRINE_ASSIGN(const Footer footer, ReadFooter(segment));
  return BodyChecksum{footer.body_crc, segment.substr(0, footer.toc_offset)};
}

std::string EncodeFooter(uint64_t toc_offset, std::string_view toc, uint32_t body_crc) {
  std::string out;
  AppendFixed<uint64_t>(toc_offset, &out);
  AppendFixed<uint64_t>(toc.size(), &out);
  AppendFixed<uint32_t>(storage::Crc32c(toc), &out);
  AppendFixed<uint32_t>(body_crc, &out);
  out.append(kSegmentMagic, kMagicBytes);
  TRINE_CHECK_EQ(out.size(), kSegmentFooterBytes);
  return out;
}

}  // namespace trine::index
