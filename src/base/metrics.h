// Metrics: counters, gauges and histograms that every floor records and `server` exports as Prometheus text.
//
// An instrument is looked up once, when the object that uses it is constructed, and held by reference. The
// lookup takes a lock; recording a value does not:
//
//   class Searcher {
//     explicit Searcher(Metrics& metrics)
//         : seconds_(metrics.GetHistogram("trine_search_seconds", "Duration of searches in seconds.")) {}
//     Histogram& seconds_;
//   };
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trine {

// A sum that only grows. Thread-safe and lock-free.
class Counter {
 public:
  // Requires by >= 0.
  void Add(double by = 1);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// A value that goes up and down. Thread-safe and lock-free.
class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Durations in seconds, counted in fixed buckets. Thread-safe and lock-free.
class Histogram {
 public:
  // Inclusive upper bounds: 0.1 ms to 30 s, the range of everything this program times. Longer durations are
  // counted in one more, unbounded bucket.
  static constexpr std::array<double, 17> kUpperBounds = {
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

  void Observe(double seconds);

  // Returns the count of bucket `i`. Requires i <= kUpperBounds.size(). A concurrent observation may already
  // be in its bucket but not yet in the sum.
  uint64_t bucket(size_t i) const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<uint64_t>, kUpperBounds.size() + 1> buckets_{};
  std::atomic<double> sum_{0};
};

// The registry of instruments. An interface because tests and commands without a server run on NullMetrics.
// Thread-safe.
//
// `name` is a Prometheus name ("trine_search_seconds"). `help` is a sentence that describes the metric; the
// first call for a name sets it. `label` is a value of the metric's single label, or empty for a
// metric without labels. The instrument starts at 0 and lives as long as the registry.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& GetCounter(std::string_view name, std::string_view help, std::string_view label = "") = 0;
  virtual Gauge& GetGauge(std::string_view name, std::string_view help, std::string_view label = "") = 0;
  virtual Histogram& GetHistogram(std::string_view name, std::string_view help,
                                  std::string_view label = "") = 0;
};

// A registry whose instruments are never exported. Lives for the whole process.
Metrics& NullMetrics();

}  // namespace trine
