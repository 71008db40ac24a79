// Trend: how fast an item's events grow.
#pragma once

#include <cmath>

#include "recommend/model/statistics.h"

namespace trine::recommend {

// The growth of an item's events from one window of `slots` half hours to the next, in standard deviations of
// a Poisson count with a constant rate. The later window ends `back` half hours before the newest event (see
// Statistics::TrendEnd).
inline double Trend(const Statistics& statistics, Item i, int64_t slots, int64_t back) {
  const double now = statistics.InSlots(i, back, slots);
  const double before = statistics.InSlots(i, back + slots, slots);
  return (now - before) / std::sqrt(now + before + 1);
}

}  // namespace trine::recommend
