#include "server/prometheus_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

namespace trine::server {
namespace {

constexpr size_t kMaxLabels = 200;
// 0.1 ms to 30 s, the range of everything this program times.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

// One kind of instrument: name -> label -> instrument.
template <typename T>
struct Instruments {
  std::map<std::string, prometheus::Family<T>*, std::less<>> families;
  std::map<std::pair<std::string, std::string>, T*> made;
};

class Registered final : public PrometheusMetrics {
 public:
  void Count(std::string_view name, std::string_view label, double by) override {
    std::lock_guard lock(mutex_);
    Get(counters_, name, label, prometheus::BuildCounter()).Increment(by);
  }
  void Observe(std::string_view name, std::string_view label, double value) override {
    std::lock_guard lock(mutex_);
    Get(histograms_, name, label, prometheus::BuildHistogram(), kSeconds).Observe(value);
  }
  void Set(std::string_view name, std::string_view label, double value) override {
    std::lock_guard lock(mutex_);
    Get(gauges_, name, label, prometheus::BuildGauge()).Set(value);
  }
  std::string Text() const override { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

 private:
  template <typename T, typename Builder, typename... Args>
  T& Get(Instruments<T>& all, std::string_view name, std::string_view label, Builder builder,
         const Args&... args) {
    std::pair<std::string, std::string> key{name, label};
    if (const auto it = all.made.find(key); it != all.made.end()) return *it->second;
    auto family = all.families.find(name);
    if (family == all.families.end()) {
      family = all.families.emplace(key.first, &builder.Name(key.first).Register(registry_)).first;
    }
    if (all.made.size() >= kMaxLabels && !label.empty()) key.second = "other";
    prometheus::Labels labels;
    if (!key.second.empty()) labels["kind"] = key.second;
    T& instrument = family->second->Add(labels, args...);
    all.made[key] = &instrument;
    return instrument;
  }

  std::mutex mutex_;
  prometheus::Registry registry_;
  Instruments<prometheus::Counter> counters_;
  Instruments<prometheus::Gauge> gauges_;
  Instruments<prometheus::Histogram> histograms_;
};

}  // namespace

std::unique_ptr<PrometheusMetrics> NewPrometheusMetrics() { return std::make_unique<Registered>(); }

}  // namespace trine::server
