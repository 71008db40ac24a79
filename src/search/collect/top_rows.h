// TopRows: the best rows so far, by score. Pruning skips rows that cannot exceed its threshold.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace trine::search {

// The location of a row. Ordered by target, segment and row.
struct RowLocation {
  uint32_t target = 0, segment = 0;
  Row row = 0;
  friend auto operator<=>(const RowLocation&, const RowLocation&) =
      default;  // NOLINT: the code that this generates contains the number 0, not a null pointer
};
struct TopRow {
  float score = 0;
  RowLocation at;
};
// Higher scores first; equal scores in ascending order of location.
inline bool Better(const TopRow& a, const TopRow& b) {
  return a.score != b.score ? a.score > b.score : a.at < b.at;
}

// A bounded heap. Rows must be offered in ascending order of location, so that a row never replaces an
// earlier one with the same score. Rows with a NaN score are ignored. Not thread-safe.
class TopRows {
 public:
  explicit TopRows(size_t capacity) : capacity_(capacity) { heap_.reserve(std::min<size_t>(capacity, 1024)); }
  bool full() const { return heap_.size() == capacity_; }
  // Returns the score that a row must exceed to be kept: -infinity until the heap is full.
  float threshold() const {
    if (capacity_ == 0) return std::numeric_limits<float>::infinity();
    return full() ? heap_.front().score : -std::numeric_limits<float>::infinity();
  }
  void Offer(float score, RowLocation at) {
    if (!(score > threshold())) return;
    if (full()) {
      std::pop_heap(heap_.begin(), heap_.end(), Better);
      heap_.back() = {score, at};
    } else {
      heap_.push_back({score, at});
    }
    std::push_heap(heap_.begin(), heap_.end(), Better);
  }
  // Returns the rows, best first, and clears the heap.
  std::vector<TopRow> Take() {
    std::sort(heap_.begin(), heap_.end(), Better);
    return std::exchange(heap_, {});
  }

 private:
  const size_t capacity_;
  std::vector<TopRow> heap_;  // the worst row on top
};

}  // namespace trine::search
