// Placement: from scored items to the list that is shown, by filter, count and promotions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recommend/rank/select.h"

namespace trine::recommend {

using ItemTest = std::function<bool(Item)>;
// A promotion's part of the list.
struct PromotedShare {
  std::string name;
  ItemTest passes;
  int percent = 100;  // greatest share of the list
};
struct PlacedItem {
  Item item = 0;
  double score = 0;
  std::string promotion;  // name of the promotion that placed it; empty: none
};

// Returns the best `count` items that pass, with promoted items spread evenly between them: for each
// promotion the best items that pass its own test, up to its percentage of `count`, earlier promotions
// first. No item appears twice. Fewer items than `count` come back when fewer pass. An empty `passes` lets
// all items pass.
std::vector<PlacedItem> PlaceItems(const std::vector<ScoredItem>& scored, size_t count,
                                   const ItemTest& passes, const std::vector<PromotedShare>& promotions);

}  // namespace trine::recommend
