// Exploration: gives new items a chance to be seen.
//
// A simple form of Thompson sampling (W. R. Thompson 1933). The belief about an item's worth is a normal
// distribution around its score, whose spread shrinks with every event. Each request draws once per item and
// adds the part of the draw above the score, times the campaign's exploration weight. Items with many events
// gain next to nothing.
//
// The spread is measured in the scores of the answer: it is twice the distance from the usual candidate to
// the best one. So the share of new items grows with the weight in the same way for every group, whatever its
// scores are. For a new item with the usual score, the chance to pass the best item is about 5 % with weight
// 0.3 and 31 % with weight 1.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "recommend/rank/select.h"

namespace trine::recommend {

// Returns the distance from the median score to the greatest one. For more than kReachSample items, the
// median is that of a sample at even distances, whatever the order of the items means. 1 if all scores are
// equal.
inline double ScoreReach(std::span<const ScoredItem> scored) {
  constexpr size_t kReachSample = 255;
  if (scored.empty()) return 1;
  double greatest = scored[0].score;
  for (const ScoredItem& item : scored) greatest = std::max(greatest, item.score);
  std::vector<double> sample;
  const size_t step = scored.size() / kReachSample + 1;
  for (size_t i = 0; i < scored.size(); i += step) sample.push_back(scored[i].score);
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::ranges::nth_element(sample, middle);
  return greatest > *middle ? greatest - *middle : 1;
}

// Returns the bonus, at least 0, of an item with this many `events`. `weight` is 0..1, `reach` from
// ScoreReach.
inline double ExplorationBonus(uint32_t events, double weight, double reach, Random* random) {
  const double spread = 2 * reach / (1.0 + static_cast<double>(events) / 5.0);
  const double above = spread * random->Normal();
  return above > 0 ? weight * above : 0;
}

}  // namespace trine::recommend
