// VectorTable: many unit vectors of one dimension, and a search for those nearest to a query by cosine.
//
// A scan of floats is bound by memory bandwidth. So each row is also stored as signed bytes, a quarter of the
// size, with the scale that maps the bytes back to approximate floats. The scan reads the bytes and keeps
// kCandidateFactor * k rows, whose floats are then scored. Scores are therefore exact; a row is missed only
// if rounding ranks it behind all candidates (vector_table_test.cc measures the recall).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "numeric/top_k.h"

namespace trine::numeric {

// Immutable after construction, except by assignment; const access is thread-safe.
class VectorTable {
 public:
  static constexpr size_t kCandidateFactor = 3;
  static constexpr size_t kMaxDimension = 65'536;  // 127 * 127 * 65,536 < 2^31: no sum of products overflows

  VectorTable() = default;
  // Takes rows.size() / dimension rows, stored one after the other, each with Euclidean length 1 or 0.
  // Requires that `dimension` divides rows.size() and, unless there are no rows, 0 < dimension <=
  // kMaxDimension.
  VectorTable(std::vector<float> rows, size_t dimension);

  size_t size() const { return scales_.size(); }
  std::span<const float> floats() const { return rows_; }

  // Returns the k rows with the largest dot product with `query`, best first, ties by row. Skips rows
  // whose dot product is not positive. Unless the table is empty, `query` must have the table's dimension.
  std::vector<TopK<uint32_t>::Entry> Nearest(std::span<const float> query, size_t k) const;

 private:
  size_t dimension_ = 0;
  std::vector<float> rows_;
  std::vector<int8_t> bytes_;
  std::vector<float> scales_;  // row r: float ~ byte * scales_[r]
};

// Writes the dot product of the query with row i to dots[i], for `count` rows of `n` signed bytes stored one
// after the other. Requires n <= VectorTable::kMaxDimension, so that no sum can overflow. Thread-safe.
void DotBytes(const int8_t* query, const int8_t* rows, size_t count, size_t n, int32_t* dots);
int32_t DotBytesScalar(const int8_t* a, const int8_t* b, size_t n);  // the scalar version for one row

}  // namespace trine::numeric
