// TopK: the k best of a stream of scored things, in a heap bounded by k.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace trine::numeric {

// Better means a higher score, then a smaller id; so the result does not depend on the order of
// pushes. `Id` needs operator<; `Score` is float or double. Memory grows with what is kept, never
// past k entries. Not thread-safe.
template <typename Id, typename Score = float>
class TopK {
 public:
  struct Entry {
    Score score;
    Id id;
  };

  explicit TopK(size_t k) : k_(k) {}

  // True when the entry is among the k best so far. NaN never is.
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
  // A score below this can no longer enter; minus infinity until full. With k = 0, plus infinity.
  Score threshold() const {
    if (k_ == 0) return std::numeric_limits<Score>::infinity();
    return full() ? heap_.front().score : -std::numeric_limits<Score>::infinity();
  }

  // What was kept, best first; leaves this empty.
  std::vector<Entry> Take() {
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
