// SegmentWriter: serialises one segment, front to back, into a sink (heap or file). The buffer and the
// merger drive it; they decide what a segment holds, this how it looks in bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/column_builders.h"
#include "index/postings.h"
#include "index/segment_format.h"
#include "index/term_dictionary.h"

namespace trine::index {

// The terms of one field, in order. Not thread-safe.
class TermsWriter {
 public:
  // `norms`: a byte a row, or empty for a field without.
  TermsWriter(uint32_t rows, bool with_positions, std::vector<uint8_t> norms);
  void Begin(std::string_view term);
  void Add(Row row, uint32_t frequency, std::string_view positions) {
    has_terms_[row / 64] |= uint64_t{1} << (row % 64);
    postings_.Add(row, frequency, positions);
    in_term_ = true;
  }
  void End();  // a term without rows is left out
  TermsLayout Encode(SectionSink* sink) const;

 private:
  const bool with_positions_;
  const std::vector<uint8_t> norms_;
  PostingsWriter postings_;
  TermDictionaryWriter dictionary_;
  std::vector<uint64_t> has_terms_;  // a bit a row
  uint64_t total_length_ = 0;
  std::string term_;
  bool in_term_ = false;
};

// Order of calls: Identity, then fields by name, each at most once a part, then Finish.
class SegmentWriter {
 public:
  // `sink` must outlive the writer.
  SegmentWriter(ByteSink* sink, uint32_t rows);
  // seq_nos ascending; both have `rows` entries.
  void Identity(const std::vector<uint64_t>& seq_nos, const std::vector<std::string_view>& ids);
  void Terms(std::string_view field, const TermsWriter& terms);
  void Numbers(std::string_view field, const NumberColumnBuilder& numbers);
  void Keywords(std::string_view field, const KeywordColumnBuilder& keywords);
  void Vectors(std::string_view field, const VectorColumnBuilder& vectors);
  // The first failure of the sink, else the size in bytes.
  Result<uint64_t> Finish();

 private:
  FieldLayout& Field(std::string_view name);
  SectionSink sink_;
  SegmentLayout layout_;
};

// Slots of the table from id to row: open addressing over Hash64, the smallest power of two with a
// third free. At least 1.
uint32_t IdSlotCount(uint32_t rows);

}  // namespace trine::index
