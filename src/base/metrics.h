// Metrics: the seam through which floors count and time. `server` exports it as Prometheus text.
#pragma once

#include <cstdint>
#include <string_view>

namespace trine {

// Thread-safe, cheap. Names are Prometheus names ("trine_search_seconds"); `label` is one value of
// the metric's single label or empty.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual void Count(std::string_view name, std::string_view label, double by = 1) = 0;
  virtual void Observe(std::string_view name, std::string_view label, double value) = 0;
  virtual void Set(std::string_view name, std::string_view label, double value) = 0;
};

// Drops everything. Lives for the whole process.
Metrics& NullMetrics();

}  // namespace trine
