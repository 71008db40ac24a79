// Column builders: collect the values of one field, row by row, and encode them as the sections of a segment.
// Filled by Buffer and by MergeSegments, encoded by SegmentWriter.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "index/segment_format.h"
#include "index/term_table.h"

namespace trine::index {

// All three builders require ascending rows and at most one Add per row. Encode requires that every row is
// below `row_count`; it writes the sections of the column to `sink`, in the order in which the column's
// layout lists them, and returns the layout. bytes() is the heap size, estimated. Not thread-safe.

class NumberColumnBuilder {
 public:
  explicit NumberColumnBuilder(NumberKind kind) : kind_(kind) {}
  NumberKind kind() const { return kind_; }
  bool empty() const { return rows_.empty(); }
  Row last_row() const { return rows_.empty() ? UINT32_MAX : rows_.back(); }
  // A row without values is skipped. AddDoubles requires kDouble, AddIntegers another kind.
  void AddIntegers(Row row, std::span<const int64_t> values);
  void AddDoubles(Row row, std::span<const double> values);
  size_t bytes() const { return rows_.size() * 8 + values_.size() * 8; }
  NumberLayout Encode(uint32_t row_count, SectionSink* sink) const;

 private:
  void EndRow(Row row);
  const NumberKind kind_;
  std::vector<Row> rows_;
  std::vector<uint32_t> ends_;   // by index in rows_: where the row's values end in values_
  std::vector<int64_t> values_;  // ascending within a row; doubles as their bits
};

class KeywordColumnBuilder {
 public:
  bool empty() const { return rows_.empty(); }
  Row last_row() const { return rows_.empty() ? UINT32_MAX : rows_.back(); }
  uint32_t Intern(std::string_view value) { return values_.Intern(value); }
  // `numbers` are results of Intern; repeated numbers are stored once. A row without numbers is skipped.
  void Add(Row row, std::span<const uint32_t> numbers);
  size_t bytes() const { return rows_.size() * 8 + numbers_.size() * 4 + values_.bytes(); }
  KeywordLayout Encode(uint32_t row_count, SectionSink* sink) const;

 private:
  TermTable values_;
  std::vector<Row> rows_;
  std::vector<uint32_t> ends_;     // by index in rows_: where the row's numbers end in numbers_
  std::vector<uint32_t> numbers_;  // numbers in values_; ascending within a row
};

class VectorColumnBuilder {
 public:
  explicit VectorColumnBuilder(uint32_t dimension);  // requires 1 <= dimension <= limits::kMaxVectorDimension
  uint32_t dimension() const { return dimension_; }
  bool empty() const { return rows_.empty(); }
  Row last_row() const { return rows_.empty() ? UINT32_MAX : rows_.back(); }
  void Add(Row row, const float* vector);  // copies dimension() floats
  size_t bytes() const { return rows_.size() * 4 + floats_.size() * 4; }
  VectorLayout Encode(uint32_t row_count, SectionSink* sink) const;

 private:
  const uint32_t dimension_;
  std::vector<Row> rows_;
  std::vector<float> floats_;  // dimension_ per row
};

}  // namespace trine::index
