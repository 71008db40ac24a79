// Popular: what everybody takes, and what more take now than before.
#pragma once

#include <cmath>

#include "recommend/model/statistics.h"

namespace trine::recommend {

// How much the events of an item grew from the `slots` half hours before the newest `slots` to the
// newest: the difference in standard deviations of a count that did not change. `back` half hours before
// the newest of all, which Statistics::TrendEnd gives.
inline double Trend(const Statistics& statistics, Item i, int64_t slots, int64_t back) {
  const double now = statistics.InSlots(i, back, slots);
  const double before = statistics.InSlots(i, back + slots, slots);
  return (now - before) / std::sqrt(now + before + 1);
}

}  // namespace trine::recommend
