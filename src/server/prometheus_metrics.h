// PrometheusMetrics: the registry that `trine serve` exports at /_trine/metrics.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"

namespace trine::server {

// Thread-safe. The single label of a metric is called "kind". A metric has at most kMaxLabels label values;
// further ones share the value "other", so that names from requests cannot grow the registry without bound.
class PrometheusMetrics final : public Metrics {
 public:
  static constexpr size_t kMaxLabels = 200;

  Counter& GetCounter(std::string_view name, std::string_view help, std::string_view label) override;
  Gauge& GetGauge(std::string_view name, std::string_view help, std::string_view label) override;
  Histogram& GetHistogram(std::string_view name, std::string_view help, std::string_view label) override;

  // Returns all instruments in the Prometheus text exposition format 0.0.4.
  std::string Text() const;

 private:
  template <typename T>
  struct Family {
    std::string help;
    std::map<std::string, std::unique_ptr<T>, std::less<>> by_label;
  };
  template <typename T>
  using Families = std::map<std::string, Family<T>, std::less<>>;  // by name

  template <typename T>
  T& Get(Families<T>* families, std::string_view name, std::string_view help, std::string_view label);
  template <typename T>
  static void Collect(const Families<T>& families, std::vector<prometheus::MetricFamily>* out);

  mutable Mutex mutex_;  // for the maps; the instruments are lock-free
  Families<Counter> counters_ TRINE_GUARDED_BY(mutex_);
  Families<Gauge> gauges_ TRINE_GUARDED_BY(mutex_);
  Families<Histogram> histograms_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::server
