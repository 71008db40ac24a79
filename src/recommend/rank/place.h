// Placement: turns scored items into the returned list, by filter, count and promotions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recommend/rank/select.h"

namespace trine::recommend {

using ItemTest = std::function<bool(Item)>;
// The part of the list that a promotion may fill, and the items for it.
struct PromotedShare {
  std::string name;
  ItemTest passes;
  int percent = 100;  // maximum share of the list
};
struct PlacedItem {
  Item item = 0;
  double score = 0;
  std::string promotion;  // name of the promotion that placed it; empty: none
};

// Returns the best `count` items that pass, or fewer if fewer pass, with promoted items spread evenly among
// them. Each promotion in turn takes the best items that pass its own test, up to its percentage of `count`.
// No item appears twice. If `passes` is empty, all items pass.
std::vector<PlacedItem> PlaceItems(const std::vector<ScoredItem>& scored, size_t count,
                                   const ItemTest& passes, const std::vector<PromotedShare>& promotions);

}  // namespace trine::recommend
