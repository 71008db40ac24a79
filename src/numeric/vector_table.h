// VectorTable: many unit vectors of one dimension, and the nearest of them to a question by cosine.
//
// A scan of floats is bound by memory. So each row is also kept as signed bytes, a quarter of the size,
// with the scale that gives the floats back nearly: the scan reads the bytes and keeps kCandidateFactor
// times as many rows as wanted; these are then scored by their floats. Scores are therefore exact, and a row
// is missed only when rounding moved it behind all the spare candidates (see vector_table_test.cc).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "numeric/top_k.h"

namespace trine::numeric {

// Immutable once built, except by moving; thread-safe.
class VectorTable {
 public:
  static constexpr size_t kCandidateFactor = 3;

  VectorTable() = default;
  // Takes rows.size() / dimension rows of length 1 or 0, row by row. Requires that it divides.
  VectorTable(std::vector<float> rows, size_t dimension);

  size_t size() const { return scales_.size(); }
  std::span<const float> floats() const { return rows_; }

  // The k rows of the greatest dot product with `query` (dimension floats) among those above 0, best
  // first, equal ones by row.
  std::vector<TopK<uint32_t>::Entry> Nearest(std::span<const float> query, size_t k) const;

 private:
  size_t dimension_ = 0;
  std::vector<float> rows_;
  std::vector<int8_t> bytes_;
  std::vector<float> scales_;  // a row's float is its byte times this, nearly
};

// The sums of products of the query's n signed bytes with those of each of `count` rows, n bytes each and one
// behind the other. Requires n <= 65,536, so that it cannot overflow.
void DotBytes(const int8_t* query, const int8_t* rows, size_t count, size_t n, int32_t* dots);
int32_t DotBytesScalar(const int8_t* a, const int8_t* b, size_t n);  // its twin of one row, for tests

}  // namespace trine::numeric
