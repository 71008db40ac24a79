#include "base/metrics.h"

#include <algorithm>

#include "base/check.h"

namespace trine {
namespace {

class DiscardedMetrics final : public Metrics {
 public:
  Counter& GetCounter(std::string_view, std::string_view, std::string_view) override { return counter_; }
  Gauge& GetGauge(std::string_view, std::string_view, std::string_view) override { return gauge_; }
  Histogram& GetHistogram(std::string_view, std::string_view, std::string_view) override {
    return histogram_;
  }

 private:
  Counter counter_;
  Gauge gauge_;
  Histogram histogram_;
};

}  // namespace

void Counter::Add(double by) {
  TRINE_DCHECK_GE(by, 0.0);
  value_.fetch_add(by, std::memory_order_relaxed);
}

void Histogram::Observe(double seconds) {
  const auto bound = std::lower_bound(kUpperBounds.begin(), kUpperBounds.end(), seconds);
  buckets_[static_cast<size_t>(bound - kUpperBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

uint64_t Histogram::bucket(size_t i) const {
  TRINE_CHECK_LT(i, buckets_.size());
  return buckets_[i].load(std::memory_order_relaxed);
}

Metrics& NullMetrics() {
  static DiscardedMetrics metrics;
  return metrics;
}

}  // namespace trine
