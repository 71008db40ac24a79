// Explore: gives new items a chance to show what they are worth.
//
// Thompson sampling in its simplest form: what is known of a new item's worth is its score, with a
// spread that shrinks with every event of it. One draw from that belief decides; what it lies above
// the score is added, weighed by the recipe's setting. Well-known items gain next to nothing.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace trine::recommend {

// The bonus of an item that had so many `events`; `weight` 0..1.
inline double ExplorationBonus(uint32_t events, double weight, Random* random) {
  const double spread = 0.5 / (1.0 + static_cast<double>(events) / 5.0);
  const double above = spread * random->Normal();
  return above > 0 ? weight * above : 0;
}

}  // namespace trine::recommend
