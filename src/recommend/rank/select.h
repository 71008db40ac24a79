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

// Returns items one by one, best first; items with equal scores are ordered by number. Finding the best
// `expected` items takes one pass. Further items are ordered only on demand, for example behind a filter that
// few items pass. Borrows `items`, whose scores must not be NaN. Not thread-safe.
class BestFirst {
 public:
  BestFirst(std::span<const ScoredItem> items, size_t expected);
  // Returns false if no item is left.
  bool Next(ScoredItem* item);

 private:
  std::span<const ScoredItem> items_;
  std::vector<ScoredItem> best_;  // the best `expected`, best first
  size_t given_ = 0;              // number of items returned from best_
  bool others_ordered_ = false;
  std::vector<ScoredItem> others_;  // a heap of the items that are worse than all of best_
};

// Positions of `promoted` items spread evenly over a list of `count` items: the list is cut into `promoted`
// equal parts, and each promoted item goes to the middle of its part.
std::vector<size_t> PromotedPlaces(size_t promoted, size_t count);

// Returns the scores of the items in `of` as shares of 1, in the same order (softmax): exp(slope * score)
// divided by its sum over `over`, in float precision. `over` contains all items that could have been
// recommended, including those in `of`.
std::vector<double> ShareOfOne(std::span<const ScoredItem> of, std::span<const ScoredItem> over,
                               double slope);

}  // namespace trine::recommend
