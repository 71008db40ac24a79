// Select: the best items of many that pass, with promotions between them, and what their scores mean.
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

// Gives items best first (ties: the smaller number). The best `expected` cost one pass; only when more
// are asked for, as behind a filter that few pass, are the others put in order, as far as they are asked.
// Borrows `items`; none may be NaN. Not thread-safe.
class BestFirst {
 public:
  BestFirst(std::span<const ScoredItem> items, size_t expected);
  // False when there is none left.
  bool Next(ScoredItem* item);

 private:
  std::span<const ScoredItem> items_;
  std::vector<ScoredItem> best_;  // the best `expected`, the best first
  size_t given_ = 0;              // of those
  bool others_ordered_ = false;
  std::vector<ScoredItem> others_;  // a heap of what is worse than all of best_
};

// Places of `promoted` items spread evenly over a list of `count`: the j-th stands in the middle of
// its share.
std::vector<size_t> PromotedPlaces(size_t promoted, size_t count);

// Shares of 1 that keep the order: exp(slope * score) over the sum, to the precision of a float. `over` is
// all that could have been recommended; what the shares are of must be among it.
std::vector<double> ShareOfOne(std::span<const ScoredItem> of, std::span<const ScoredItem> over,
                               double slope);

}  // namespace trine::recommend
