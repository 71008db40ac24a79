// The best rows seen so far, by score: the seam that pruning fills.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace trine::search {

// Where a row is: ordered as the targets, their segments and rows are.
struct RowPlace {
  uint32_t target = 0, segment = 0;
  Row row = 0;
  friend auto operator<=>(const RowPlace&, const RowPlace&) = default;  // NOLINT: its 0 is no pointer
};
struct TopRow {
  float score = 0;
  RowPlace at;
};
// Higher scores first, equal ones in the order of their places.
inline bool Better(const TopRow& a, const TopRow& b) {
  return a.score != b.score ? a.score > b.score : a.at < b.at;
}

// Rows must be offered in the order of their places: an equal score then never displaces one held.
class TopRows {
 public:
  explicit TopRows(size_t capacity) : capacity_(capacity) { heap_.reserve(std::min<size_t>(capacity, 1024)); }
  bool full() const { return heap_.size() == capacity_; }
  // A row must score more than this to be kept; below every score until full.
  float threshold() const {
    if (capacity_ == 0) return std::numeric_limits<float>::infinity();
    return full() ? heap_.front().score : -std::numeric_limits<float>::infinity();
  }
  void Offer(float score, RowPlace at) {
    if (!(score > threshold())) return;
    if (full()) {
      std::pop_heap(heap_.begin(), heap_.end(), Better);
      heap_.back() = {score, at};
    } else {
      heap_.push_back({score, at});
    }
    std::push_heap(heap_.begin(), heap_.end(), Better);
  }
  // Best first. Leaves nothing behind.
  std::vector<TopRow> Take() {
    std::sort(heap_.begin(), heap_.end(), Better);
    return std::exchange(heap_, {});
  }

 private:
  const size_t capacity_;
  std::vector<TopRow> heap_;  // the worst on top
};

}  // namespace trine::search
