// Column builders: collect what the rows of one field have, for the segment writer. The buffer and
// the merger fill the same ones.
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

// Each builder: rows ascending, at most one Add a row. Not thread-safe. Encode appends sections to
// `sections` in the order that the layout of the column has them.

class NumberColumnBuilder {
 public:
  explicit NumberColumnBuilder(bool is_double) : is_double_(is_double) {}
  bool is_double() const { return is_double_; }
  bool empty() const { return rows_.empty(); }
  Row last_row() const { return rows_.empty() ? UINT32_MAX : rows_.back(); }
  void AddIntegers(Row row, std::span<const int64_t> values);  // !is_double()
  void AddDoubles(Row row, std::span<const double> values);    // is_double()
  size_t bytes() const { return rows_.size() * 8 + values_.size() * 8; }
  NumberLayout Encode(uint32_t row_count, SectionSink* sink) const;

 private:
  void EndRow(Row row);
  const bool is_double_;
  std::vector<Row> rows_;
  std::vector<uint32_t> ends_;   // of each row's values
  std::vector<int64_t> values_;  // doubles as their bits
};

class KeywordColumnBuilder {
 public:
  bool empty() const { return rows_.empty(); }
  Row last_row() const { return rows_.empty() ? UINT32_MAX : rows_.back(); }
  uint32_t Intern(std::string_view value) { return values_.Intern(value); }
  // `numbers` came from Intern; repeated ones are kept once.
  void Add(Row row, std::span<const uint32_t> numbers);
  size_t bytes() const { return rows_.size() * 8 + numbers_.size() * 4 + values_.bytes(); }
  KeywordLayout Encode(uint32_t row_count, SectionSink* sink) const;

 private:
  TermTable values_;
  std::vector<Row> rows_;
  std::vector<uint32_t> ends_;
  std::vector<uint32_t> numbers_;
};

class VectorColumnBuilder {
 public:
  explicit VectorColumnBuilder(uint32_t dimension) : dimension_(dimension) {}
  uint32_t dimension() const { return dimension_; }
  bool empty() const { return rows_.empty(); }
  Row last_row() const { return rows_.empty() ? UINT32_MAX : rows_.back(); }
  void Add(Row row, const float* vector);  // dimension() floats
  size_t bytes() const { return rows_.size() * 4 + floats_.size() * 4; }
  VectorLayout Encode(uint32_t row_count, SectionSink* sink) const;

 private:
  const uint32_t dimension_;
  std::vector<Row> rows_;
  std::vector<float> floats_;
};

}  // namespace trine::index
