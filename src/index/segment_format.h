// The structure of a segment: what stands in its table of contents. docs/formats/segment.md is the
// grammar; this is its plain-data form, its encoder and its bounds-checked decoder.
//
// Writer (segment_writer.h), reader (segment.h) and this are three types: the writer produces
// sections, this says where they lie, the reader walks them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "index/row_set.h"

namespace trine::index {

inline constexpr char kSegmentMagic[] = "TRNSEG01";  // 8 bytes at the front and at the very end
inline constexpr size_t kMagicBytes = 8;
inline constexpr size_t kSectionAlignment = 64;  // a cache line: floats and words load aligned
inline constexpr size_t kSegmentFooterBytes = 32;

// A run of bytes of the segment.
struct Extent {
  uint64_t offset = 0;
  uint64_t length = 0;
};

// Where a segment's bytes go, in order. Implementations: heap and file. Not thread-safe.
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

// Puts sections one after another, aligned, keeping the checksum of everything so far and the first
// failure of the sink. Not thread-safe.
class SectionSink {
 public:
  explicit SectionSink(ByteSink* sink) : sink_(sink) {}
  Extent Put(std::string_view section);
  void PutRaw(std::string_view bytes);
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
  bool is_double = false, multi = false;
  uint8_t width = 8;  // bytes a value: 1, 2, 4, 8
  int64_t base = 0;   // added to every integer
  uint32_t value_count = 0;
  RowSetLayout rows;
  Extent offsets;  // multi only: count + 1 uint32
  Extent values;
};
struct KeywordLayout {
  bool multi = false;
  uint8_t width = 4;  // bytes an ordinal: 1, 2, 4
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
  uint8_t seq_no_width = 8;  // bytes a row: its distance from first_seq_no
  Extent seq_nos, id_offsets, id_bytes, id_slots;
  std::vector<FieldLayout> fields;  // by name
};

std::string EncodeLayout(const SegmentLayout& layout);
// `segment` is the whole file. kCorrupt when magic, footer, or the checksum of the table of contents
// is wrong, or an extent leaves the file. Whether the extents fit each other is the reader's matter.
Result<SegmentLayout> DecodeLayout(std::string_view segment);
// The checksum of the body as the footer has it, and the body it is of. kCorrupt as above.
struct BodyChecksum {
  uint32_t crc;
  std::string_view body;
};
Result<BodyChecksum> ReadBodyChecksum(std::string_view segment);
// The last bytes of a segment: offset and length of the table of contents, checksums, magic.
std::string EncodeFooter(uint64_t toc_offset, std::string_view toc, uint32_t body_crc);

Error CorruptSegment(std::string what);

}  // namespace trine::index
