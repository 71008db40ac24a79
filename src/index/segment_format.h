// The structure of a segment: its table of contents as plain data, with an encoder and a bounds-checked
// decoder. The grammar is docs/formats/segment.md.
//
// Three types share the work: SegmentWriter (segment_writer.h) produces sections, SegmentLayout records where
// they are, Segment (segment.h) reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/ids.h"
#include "base/result.h"
#include "index/document.h"
#include "index/row_set.h"

namespace trine::index {

inline constexpr char kSegmentMagic[] = "TRNSEG02";      // 8 bytes at the front and at the very end
inline constexpr char kSegmentMagicPrefix[] = "TRNSEG";  // then two digits, the format version
inline constexpr uint64_t kSegmentVersion = 2;           // written; version 1, without kUnsigned, is read too
inline constexpr size_t kMagicBytes = 8;
inline constexpr size_t kSectionAlignment = 64;  // a cache line: floats and words load aligned
inline constexpr size_t kSegmentFooterBytes = 32;

// A range of bytes of the segment.
struct Extent {
  uint64_t offset = 0;
  uint64_t length = 0;
};
// Requires an extent inside `segment`.
inline std::string_view Slice(std::string_view segment, const Extent& e) {
  TRINE_DCHECK_LE(e.offset, segment.size());
  TRINE_DCHECK_LE(e.length, segment.size() - e.offset);
  return segment.substr(e.offset, e.length);
}

// Receives a segment's bytes in order. Two implementations: the heap (StringSink) and a file (in
// collection_index_merge.cc). Not thread-safe.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status Append(std::string_view bytes) = 0;
};

class StringSink final : public ByteSink {
 public:
  Status Append(std::string_view bytes) override { return bytes_.append(bytes), Ok(); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Writes sections one after another, each aligned to kSectionAlignment, and keeps a checksum of everything
// written so far. After the sink's first error it writes nothing more and keeps that error. `sink` must
// outlive it. Not thread-safe.
class SectionSink {
 public:
  explicit SectionSink(ByteSink* sink) : sink_(sink) {}
  Extent Put(std::string_view section);  // returns where the section is
  void PutRaw(std::string_view bytes);   // without alignment
  uint64_t size() const { return size_; }
  uint32_t crc() const { return crc_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  ByteSink* sink_;
  uint64_t size_ = 0;
  uint32_t crc_ = 0;
  std::optional<Error> error_;
};

struct RowSetLayout {
  RowSetKind kind = RowSetKind::kList;
  uint32_t count = 0;
  Extent bytes;
};
// Writes the set of `rows` as a section. Same requirements as EncodeRowSet.
RowSetLayout PutRowSet(const std::vector<Row>& rows, uint32_t row_count, bool list_only, SectionSink* sink);

struct TermsLayout {
  bool norms = false, positions = false;
  uint32_t row_count = 0;  // rows with at least one term
  uint64_t total_length = 0;
  uint64_t term_count = 0;
  Extent dictionary, index, postings, position_bytes;
  RowSetLayout norm_rows;
  Extent norm_bytes;
};
struct NumberLayout {
  NumberKind kind = NumberKind::kInteger;
  bool multi = false;
  uint8_t width = 8;  // bytes per value: 1, 2, 4, 8
  int64_t base = 0;   // to be added to every stored integer
  uint32_t value_count = 0;
  RowSetLayout rows;
  Extent offsets;  // only if multi: count + 1 uint32
  Extent values;
};
struct KeywordLayout {
  bool multi = false;
  uint8_t width = 4;  // bytes per ordinal: 1, 2, 4
  uint32_t value_count = 0, ordinal_count = 0;
  Extent value_offsets, value_bytes;
  RowSetLayout rows;
  Extent offsets, ordinals;
};
struct VectorLayout {
  uint32_t dimension = 0;
  RowSetLayout rows;
  Extent floats;
};

struct FieldLayout {
  std::string name;
  std::optional<TermsLayout> terms;
  std::optional<NumberLayout> numbers;
  std::optional<KeywordLayout> keywords;
  std::optional<VectorLayout> vectors;
};

struct SegmentLayout {
  uint32_t rows = 0;
  uint64_t first_seq_no = 0, last_seq_no = 0;
  uint8_t seq_no_width = 8;  // bytes per row (2, 4, 8) for the distance from first_seq_no
  Extent seq_nos, id_offsets, id_bytes, id_slots;
  std::vector<FieldLayout> fields;  // in ascending order by name
};

std::string EncodeLayout(const SegmentLayout& layout);
// `segment` is the whole file. kFormatVersion for an unsupported format version; kCorrupt if magic, footer or
// the checksum of the table of contents is wrong, or an extent lies outside the file. Segment::Open checks
// whether the extents fit together.
Result<SegmentLayout> DecodeLayout(std::string_view segment);
// The body of a segment, and its checksum as stored in the footer. ReadBodyChecksum returns kFormatVersion
// for an unsupported format version, and kCorrupt if the magic or the footer is wrong.
struct BodyChecksum {
  uint32_t crc;
  std::string_view body;
};
Result<BodyChecksum> ReadBodyChecksum(std::string_view segment);
// The last kSegmentFooterBytes of a segment: offset and length of the table of contents, checksums, magic.
std::string EncodeFooter(uint64_t toc_offset, std::string_view toc, uint32_t body_crc);

// Returns kCorrupt with the message "a segment is damaged: " and `what`.
Error CorruptSegment(std::string what);

}  // namespace trine::index
