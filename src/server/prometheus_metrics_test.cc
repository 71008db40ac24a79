#include "server/prometheus_metrics.h"

#include <gtest/gtest.h>

namespace trine::server {
namespace {

bool Contains(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(PrometheusMetrics, ReturnsOneInstrumentPerNameAndLabel) {
  PrometheusMetrics metrics;
  Counter& first = metrics.GetCounter("trine_a_total", "Help.", "x");
  EXPECT_EQ(&first, &metrics.GetCounter("trine_a_total", "Other help.", "x"));
  EXPECT_NE(&first, &metrics.GetCounter("trine_a_total", "Help.", "y"));
  EXPECT_NE(&first, &metrics.GetCounter("trine_b_total", "Help.", "x"));
}

TEST(PrometheusMetrics, WritesTheExpositionFormat) {
  PrometheusMetrics metrics;
  metrics.GetCounter("trine_a_total", "Things counted.", "x").Add(2);
  metrics.GetGauge("trine_open", "Open things.", "").Set(-3);
  Histogram& seconds = metrics.GetHistogram("trine_seconds", "Durations.", "");
  seconds.Observe(0.002);
  seconds.Observe(60);
  const std::string text = metrics.Text();
  for (const char* line :
       {"# HELP trine_a_total Things counted.", "# TYPE trine_a_total counter", "trine_a_total{kind=\"x\"} 2",
        "# TYPE trine_open gauge", "trine_open -3", "# TYPE trine_seconds histogram", "trine_seconds_count 2",
        "trine_seconds_bucket{le=\"0.001\"} 0", "trine_seconds_bucket{le=\"0.0025\"} 1",
        "trine_seconds_bucket{le=\"30\"} 1", "trine_seconds_bucket{le=\"+Inf\"} 2"})
    EXPECT_TRUE(Contains(text, line)) << line << "\nnot in\n" << text;
}

TEST(PrometheusMetrics, CountsLabelsBeyondTheLimitAsOther) {
  PrometheusMetrics metrics;
  for (size_t i = 0; i < PrometheusMetrics::kMaxLabels; ++i)
    metrics.GetCounter("trine_a_total", "", std::to_string(i)).Add();
  metrics.GetCounter("trine_a_total", "", "late").Add();
  metrics.GetCounter("trine_a_total", "", "later").Add();
  metrics.GetCounter("trine_a_total", "", "7").Add();
  metrics.GetCounter("trine_b_total", "", "own").Add();
  const std::string text = metrics.Text();
  EXPECT_TRUE(Contains(text, "trine_a_total{kind=\"other\"} 2")) << text;
  EXPECT_TRUE(Contains(text, "trine_a_total{kind=\"7\"} 2"));
  EXPECT_TRUE(Contains(text, "trine_b_total{kind=\"own\"} 1")) << "the limit is per name";
  EXPECT_EQ(text.find("late"), std::string::npos);
}

}  // namespace
}  // namespace trine::server
