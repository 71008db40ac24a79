#include "server/prometheus_metrics.h"

#include <prometheus/text_serializer.h>

#include <limits>

#include "base/check.h"

namespace trine::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

constexpr const char* kLabelName = "kind";
constexpr const char* kOtherLabels = "other";

MetricType TypeOf(const Counter&) { return MetricType::Counter; }
MetricType TypeOf(const Gauge&) { return MetricType::Gauge; }
MetricType TypeOf(const Histogram&) { return MetricType::Histogram; }

void Fill(const Counter& counter, ClientMetric* out) { out->counter.value = counter.value(); }
void Fill(const Gauge& gauge, ClientMetric* out) { out->gauge.value = gauge.value(); }

// The count is computed as the sum of the buckets, not read from a counter of its own, so that it agrees with
// them even if values are observed meanwhile.
void Fill(const Histogram& histogram, ClientMetric* out) {
  uint64_t count = 0;
  for (size_t i = 0; i <= Histogram::kUpperBounds.size(); ++i) {
    count += histogram.bucket(i);
    const double bound = i < Histogram::kUpperBounds.size() ? Histogram::kUpperBounds[i]
                                                            : std::numeric_limits<double>::infinity();
    out->histogram.bucket.push_back({count, bound});
  }
  out->histogram.sample_count = count;
  out->histogram.sample_sum = histogram.sum();
}

}  // namespace

Counter& PrometheusMetrics::GetCounter(std::string_view name, std::string_view help, std::string_view label) {
  return Get(&counters_, name, help, label);
}
Gauge& PrometheusMetrics::GetGauge(std::string_view name, std::string_view help, std::string_view label) {
  return Get(&gauges_, name, help, label);
}
Histogram& PrometheusMetrics::GetHistogram(std::string_view name, std::string_view help,
                                           std::string_view label) {
  return Get(&histograms_, name, help, label);
}

template <typename T>
T& PrometheusMetrics::Get(Families<T>* families, std::string_view name, std::string_view help,
                          std::string_view label) {
  TRINE_CHECK(!name.empty());
  const MutexLock lock(mutex_);
  auto family = families->find(name);
  if (family == families->end())
    family = families->emplace(std::string(name), Family<T>{std::string(help), {}}).first;
  auto& by_label = family->second.by_label;
  if (!by_label.contains(label) && by_label.size() >= kMaxLabels) label = kOtherLabels;
  std::unique_ptr<T>& instrument = by_label[std::string(label)];
  if (instrument == nullptr) instrument = std::make_unique<T>();
  return *instrument;
}

template <typename T>
void PrometheusMetrics::Collect(const Families<T>& families, std::vector<prometheus::MetricFamily>* out) {
  for (const auto& [name, family] : families) {
    prometheus::MetricFamily collected{name, family.help, MetricType::Untyped, {}};
    for (const auto& [label, instrument] : family.by_label) {
      collected.type = TypeOf(*instrument);
      ClientMetric metric;
      if (!label.empty()) metric.label.push_back({kLabelName, label});
      Fill(*instrument, &metric);
      collected.metric.push_back(std::move(metric));
    }
    out->push_back(std::move(collected));
  }
}

std::string PrometheusMetrics::Text() const {
  std::vector<prometheus::MetricFamily> families;
  {
    const MutexLock lock(mutex_);
    Collect(counters_, &families);
    Collect(gauges_, &families);
    Collect(histograms_, &families);
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace trine::server
