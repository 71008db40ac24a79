// Select: the best items of many that pass, with promotions between them, and what their scores mean.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recommend/model/item_table.h"

namespace trine::recommend {

struct ScoredItem {
  Item item = 0;
  double score = 0;
};

// Gives items best first (ties: the smaller number), sorting only as far as it is asked. Not
// thread-safe.
class BestFirst {
 public:
  explicit BestFirst(std::vector<ScoredItem> items);
  // False when there is none left.
  bool Next(ScoredItem* item);

 private:
  std::vector<ScoredItem> heap_;
};

// Places of `promoted` items spread evenly over a list of `count`: the j-th stands in the middle of
// its share.
std::vector<size_t> PromotedPlaces(size_t promoted, size_t count);

// Shares of 1 that keep the order: exp(slope * score) over the sum. `over` are the scores of all that
// could have been recommended; those of the list must be among them.
std::vector<double> ShareOfOne(const std::vector<double>& scores, const std::vector<double>& over,
                               double slope);

}  // namespace trine::recommend
