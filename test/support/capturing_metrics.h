// CapturingMetrics: a registry whose values a test can read.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/metrics.h"

namespace trine::test {

// Instruments are named "metric" or "metric:label". Thread-safe.
class CapturingMetrics final : public Metrics {
 public:
  Counter& GetCounter(std::string_view name, std::string_view, std::string_view label) override {
    const std::lock_guard lock(mutex_);
    return counters_[Key(name, label)];
  }
  Gauge& GetGauge(std::string_view name, std::string_view, std::string_view label) override {
    const std::lock_guard lock(mutex_);
    return gauges_[Key(name, label)];
  }
  Histogram& GetHistogram(std::string_view name, std::string_view, std::string_view label) override {
    const std::lock_guard lock(mutex_);
    return histograms_[Key(name, label)];
  }

  double counter(const std::string& name) { return GetCounter(name, "", "").value(); }
  double gauge(const std::string& name) { return GetGauge(name, "", "").value(); }
  uint64_t observations(const std::string& name) {
    const Histogram& histogram = GetHistogram(name, "", "");
    uint64_t sum = 0;
    for (size_t i = 0; i <= Histogram::kUpperBounds.size(); ++i) sum += histogram.bucket(i);
    return sum;
  }

 private:
  static std::string Key(std::string_view name, std::string_view label) {
    return label.empty() ? std::string(name) : std::string(name) + ":" + std::string(label);
  }
  std::mutex mutex_;
  std::map<std::string, Counter> counters_;
  std::map<std::string, Gauge> gauges_;
  std::map<std::string, Histogram> histograms_;
};

}  // namespace trine::test
