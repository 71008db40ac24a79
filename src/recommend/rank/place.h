// Place: from scored items to the list that is shown: filter, count, promotions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recommend/rank/select.h"

namespace trine::recommend {

using ItemTest = std::function<bool(Item)>;
struct PromotedShare {
  std::string name;
  ItemTest passes;
  int percent = 100;
};
struct Placed {
  Item item = 0;
  double score = 0;
  std::string promotion;  // empty: none
};

// The best `count` items that pass, with the best that pass each promotion's own test spread evenly
// between them, up to its percentage of the list. Nothing stands in it twice.
std::vector<Placed> PlaceItems(const std::vector<ScoredItem>& scored, size_t count, const ItemTest& passes,
                               const std::vector<PromotedShare>& promotions);

}  // namespace trine::recommend
