// State metrics: gauges that are measured when the metrics are read, because they change with every write.
#pragma once

#include "base/metrics.h"

namespace trine::server {

class Engines;

// Sets the gauges of the memory that stored data take, and of the work that waits in the background.
// Thread-safe.
void MeasureState(const Engines& engines, Metrics& metrics);

}  // namespace trine::server
