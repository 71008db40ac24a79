#include "net/status_counters.h"

#include <gtest/gtest.h>

#include <map>

namespace trine::net {
namespace {

// A registry that counts lookups.
class RecordingMetrics final : public Metrics {
 public:
  Counter& GetCounter(std::string_view, std::string_view, std::string_view label) override {
    ++lookups;
    return counters[std::string(label)];
  }
  Gauge& GetGauge(std::string_view, std::string_view, std::string_view) override { return gauge_; }
  Histogram& GetHistogram(std::string_view, std::string_view, std::string_view) override {
    return histogram_;
  }

  std::map<std::string, Counter> counters;
  int lookups = 0;

 private:
  Gauge gauge_;
  Histogram histogram_;
};

TEST(StatusCounters, LooksUpEachStatusOnceAndOnlyWhenItOccurs) {
  RecordingMetrics metrics;
  StatusCounters counters(metrics, "trine_responses_total", "help");
  EXPECT_EQ(metrics.lookups, 0);
  for (int status : {100, 200, 200, 599}) counters.Add(status);
  EXPECT_EQ(metrics.lookups, 3);
  EXPECT_EQ(metrics.counters["200"].value(), 2);
  EXPECT_EQ(metrics.counters["100"].value(), 1);
  EXPECT_EQ(metrics.counters["599"].value(), 1);
}

TEST(StatusCountersDeathTest, RejectsNumbersThatAreNotStatuses) {
  StatusCounters counters(NullMetrics(), "trine_responses_total", "help");
  EXPECT_DEATH(counters.Add(0), "check failed");
  EXPECT_DEATH(counters.Add(600), "check failed");
}

}  // namespace
}  // namespace trine::net
