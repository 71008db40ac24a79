// TopK: the k best entries of a stream of scored entries, in a heap of at most k entries.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"

namespace trine::numeric {

// An entry is better if its score is higher or, at equal scores, its id is smaller, so the result does not
// depend on the order of pushes. Requires operator< for `Id`; `Score` is float or double. Memory grows with
// the entries kept, so a huge k alone costs nothing. Not thread-safe.
template <typename Id, typename Score = float>
class TopK {
 public:
  struct Entry {
    Score score;
    Id id;
  };

  explicit TopK(size_t k) : k_(k) {}

  // Returns whether the entry is among the k best so far. An entry whose score is NaN never is.
  bool Push(Score score, Id id) {
    if (k_ == 0 || std::isnan(score)) return false;
    Entry entry{score, std::move(id)};
    if (heap_.size() == k_) {
      if (!Better(entry, heap_.front())) return false;
      std::pop_heap(heap_.begin(), heap_.end(), Better);
      heap_.back() = std::move(entry);
    } else {
      heap_.push_back(std::move(entry));
    }
    std::push_heap(heap_.begin(), heap_.end(), Better);
    return true;
  }

  bool full() const { return heap_.size() == k_; }
  size_t size() const { return heap_.size(); }
  // Returns the score below which no entry is accepted: minus infinity until full(), plus infinity if k is 0.
  Score threshold() const {
    if (k_ == 0) return std::numeric_limits<Score>::infinity();
    return full() ? heap_.front().score : -std::numeric_limits<Score>::infinity();
  }

  // Returns the kept entries, best first, and leaves this empty.
  std::vector<Entry> Take() {
    TRINE_DCHECK_LE(heap_.size(), k_);
    std::sort_heap(heap_.begin(), heap_.end(), Better);
    return std::exchange(heap_, {});
  }

  static bool Better(const Entry& a, const Entry& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.id < b.id;
  }

 private:
  size_t k_;
  std::vector<Entry> heap_;  // the worst kept entry at the front
};

}  // namespace trine::numeric
