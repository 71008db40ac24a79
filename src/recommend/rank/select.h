// Selection of the best items, the positions of promoted ones, and scores as shares of 1.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "recommend/model/item_table.h"

namespace trine::recommend {

struct ScoredItem {
  Item item = 0;
  double score = 0;
};

// Returns items one by one, best first; of equal scores the smaller number comes first. The best `expected`
// items cost one pass. The others are put in order only when more are needed, as behind a filter that few
// items pass, and only as far as they are needed. Borrows `items`, whose scores must not be NaN. Not
// thread-safe.
class BestFirst {
 public:
  BestFirst(std::span<const ScoredItem> items, size_t expected);
  // False when no item is left.
  bool Next(ScoredItem* item);

 private:
  std::span<const ScoredItem> items_;
  std::vector<ScoredItem> best_;  // the best `expected`, best first
  size_t given_ = 0;              // number of items returned from best_
  bool others_ordered_ = false;
  std::vector<ScoredItem> others_;  // a heap of the items that are worse than all of best_
};

// Positions of `promoted` items spread evenly over a list of `count`: the list is cut into as many equal
// parts, and each item goes to the middle of its part.
std::vector<size_t> PromotedPlaces(size_t promoted, size_t count);

// Scores as shares of 1 in the same order (softmax): exp(slope * score) over the sum of `over`, to the
// precision of a float. `over` are all items that could have been recommended; the items of `of` must be
// among them.
std::vector<double> ShareOfOne(std::span<const ScoredItem> of, std::span<const ScoredItem> over,
                               double slope);

}  // namespace trine::recommend
