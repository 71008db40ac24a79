#include "recommend/rank/place.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/check.h"

namespace trine::recommend {
namespace {

// Returns the best `count` items that pass and are not in `used`, and adds them to `used`.
std::vector<PlacedItem> TakeBest(const std::vector<ScoredItem>& scored, size_t count, const ItemTest& passes,
                                 const std::string& promotion, std::unordered_set<Item>* used) {
  std::vector<PlacedItem> taken;
  if (count == 0) return taken;
  BestFirst best(scored, count + used->size());
  ScoredItem next;
  while (taken.size() < count && best.Next(&next)) {
    if (used->contains(next.item) || (passes && !passes(next.item))) continue;
    used->insert(next.item);
    taken.push_back({next.item, next.score, promotion});
  }
  return taken;
}

}  // namespace

std::vector<PlacedItem> PlaceItems(const std::vector<ScoredItem>& scored, size_t count,
                                   const ItemTest& passes, const std::vector<PromotedShare>& promotions) {
  std::unordered_set<Item> used;
  std::vector<PlacedItem> promoted;
  for (const PromotedShare& p : promotions) {
    const auto wanted =
        static_cast<size_t>(std::ceil(static_cast<double>(count) * std::clamp(p.percent, 0, 100) / 100.0));
    const size_t room = std::min(wanted, count - promoted.size());
    for (PlacedItem& item : TakeBest(scored, room, p.passes, p.name, &used))
      promoted.push_back(std::move(item));
  }
  std::vector<PlacedItem> others = TakeBest(scored, count - promoted.size(), passes, {}, &used);
  TRINE_CHECK_LE(promoted.size() + others.size(), count);
  if (promoted.empty()) return others;
  const std::vector<size_t> places = PromotedPlaces(promoted.size(), promoted.size() + others.size());
  std::vector<PlacedItem> list;
  size_t p = 0, o = 0;
  while (list.size() < promoted.size() + others.size()) {
    const bool turn = p < promoted.size() && (o >= others.size() || places[p] <= list.size());
    list.push_back(std::move(turn ? promoted[p++] : others[o++]));
  }
  return list;
}

}  // namespace trine::recommend
