// SegmentWriter: serialises one segment, front to back, into a sink (heap or file). Buffer and
// MergeSegments decide what a segment contains; the writer decides its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "index/column_builders.h"
#include "index/postings.h"
#include "index/segment_format.h"
#include "index/term_dictionary.h"

namespace trine::index {

// Collects the terms of one field with their postings. For each term, in strictly ascending byte order, call
// Begin, then Add for every row in ascending order, then End. Finally call Encode. Not thread-safe.
class TermsWriter {
 public:
  // `rows` is the segment's row count. `norms` has one byte per row, or is empty for a field without norms.
  TermsWriter(uint32_t rows, bool with_positions, std::vector<uint8_t> norms);
  void Begin(std::string_view term);
  void Add(Row row, uint32_t frequency, std::string_view positions) {
    TRINE_DCHECK_LT(row / 64, has_terms_.size());
    has_terms_[row / 64] |= uint64_t{1} << (row % 64);
    postings_.Add(row, frequency, positions);
    in_term_ = true;
  }
  void End();  // a term to which no row was added is skipped
  TermsLayout Encode(SectionSink* sink) const;

 private:
  const bool with_positions_;
  const std::vector<uint8_t> norms_;
  PostingsWriter postings_;
  TermDictionaryWriter dictionary_;
  std::vector<uint64_t> has_terms_;  // one bit per row
  uint64_t total_length_ = 0;
  std::string term_;
  bool in_term_ = false;
};

// Order of calls: Identity once, then the parts of the fields in ascending order of names (each part at
// most once per field, in any order), then Finish once. Not thread-safe.
class SegmentWriter {
 public:
  // Requires rows < kNoMoreRows / 2. `sink` must outlive the writer.
  SegmentWriter(ByteSink* sink, uint32_t rows);
  // Requires strictly ascending seq_nos and `rows` entries in both.
  void Identity(const std::vector<uint64_t>& seq_nos, const std::vector<std::string_view>& ids);
  void Terms(std::string_view field, const TermsWriter& terms);
  void Numbers(std::string_view field, const NumberColumnBuilder& numbers);
  void Keywords(std::string_view field, const KeywordColumnBuilder& keywords);
  void Vectors(std::string_view field, const VectorColumnBuilder& vectors);
  // Writes the table of contents and the footer. Returns the size of the segment in bytes, or the sink's
  // first error.
  Result<uint64_t> Finish();

 private:
  FieldLayout& Field(std::string_view name);
  SectionSink sink_;
  SegmentLayout layout_;
  bool identified_ = false, finished_ = false;
};

// Number of slots of the hash table from id to row (open addressing over Hash64): the smallest power of two
// that leaves at least a third of the slots free. At least 1. Reaches disk.
uint32_t IdSlotCount(uint32_t rows);

}  // namespace trine::index
