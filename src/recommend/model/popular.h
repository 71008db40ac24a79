// Popular: what everybody takes, and what more take now than before.
#pragma once

#include <cmath>

#include "recommend/model/statistics.h"

namespace trine::recommend {

// How much the events of an item grew from the `slots` half hours before the newest `slots` to the
// newest: the difference in standard deviations of a count that did not change.
inline double Trend(const Statistics& statistics, Item i, int64_t slots) {
  const double now = statistics.InSlots(i, 0, slots);
  const double before = statistics.InSlots(i, slots, slots);
  return (now - before) / std::sqrt(now + before + 1);
}

}  // namespace trine::recommend
