// Exploration: gives new items a chance to be seen.
//
// A simple form of Thompson sampling (W. R. Thompson 1933). The belief about an item's worth is a normal
// distribution around its score, whose spread shrinks with every event. Each request draws once per item and
// adds the part of the draw above the score, times the campaign's exploration weight. Items with many events
// gain next to nothing.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace trine::recommend {

// Returns the bonus, at least 0, of an item with this many `events`. `weight` is 0..1.
inline double ExplorationBonus(uint32_t events, double weight, Random* random) {
  const double spread = 0.5 / (1.0 + static_cast<double>(events) / 5.0);
  const double above = spread * random->Normal();
  return above > 0 ? weight * above : 0;
}

}  // namespace trine::recommend
