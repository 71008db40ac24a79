// Exploration: gives new items a chance to be seen.
//
// A simple form of Thompson sampling (W. R. Thompson 1933). The belief about an item's worth is a normal
// distribution around its score, whose spread shrinks with every event. Each request draws once per item and
// adds the part of the draw above the score, times the campaign's exploration weight. Items with many events
// gain next to nothing.
//
// The spread is measured in the scores of the answer: it is 1.5 times the distance from the usual candidate
// to the good ones (ScoreReach). So the share of new items grows with the weight in the same way for every
// group, whatever its scores are. For a new item half-way between the usual candidate and the good ones, the
// chance to be among the good ones is about 13 % with weight 0.3 and 37 % with weight 1. Every event takes
// much of this chance.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "recommend/rank/select.h"

namespace trine::recommend {

// Returns the distance from the median score to the lowest of the good ones: the best tenth part of the
// items, at most ten of them, so that a single outlier does not matter. For more than kReachSample items, the
// median is that of a sample at even distances, whatever the order of the items means. 1 if there is no
// distance.
inline double ScoreReach(std::span<const ScoredItem> scored) {
  constexpr size_t kReachSample = 255, kGoodItems = 10;
  if (scored.empty()) return 1;
  std::vector<ScoredItem> good(std::min(kGoodItems, scored.size() / 10 + 1));
  std::ranges::partial_sort_copy(scored, good, std::ranges::greater(), &ScoredItem::score,
                                 &ScoredItem::score);
  const double least = good.back().score;
  std::vector<double> sample;
  const size_t step = scored.size() / kReachSample + 1;
  for (size_t i = 0; i < scored.size(); i += step) sample.push_back(scored[i].score);
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::ranges::nth_element(sample, middle);
  return least > *middle ? least - *middle : 1;
}

// Returns the bonus, at least 0, of an item with this many `events`. `weight` is 0..1, `reach` from
// ScoreReach.
inline double ExplorationBonus(uint32_t events, double weight, double reach, Random* random) {
  const double spread = 1.5 * reach / (1.0 + static_cast<double>(events));
  const double above = spread * random->Normal();
  return above > 0 ? weight * above : 0;
}

}  // namespace trine::recommend
