#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace trine {
namespace {

TEST(Histogram, CountsEachValueInTheLowestFittingBucket) {
  Histogram histogram;
  histogram.Observe(0);
  histogram.Observe(0.0001);  // upper bounds are inclusive
  histogram.Observe(0.00011);
  histogram.Observe(30);
  histogram.Observe(31);
  EXPECT_EQ(histogram.bucket(0), 2u);
  EXPECT_EQ(histogram.bucket(1), 1u);
  EXPECT_EQ(histogram.bucket(Histogram::kUpperBounds.size() - 1), 1u);
  EXPECT_EQ(histogram.bucket(Histogram::kUpperBounds.size()), 1u);
  EXPECT_DOUBLE_EQ(histogram.sum(), 0 + 0.0001 + 0.00011 + 30 + 31);
}

TEST(Histogram, BoundsAscend) {
  for (size_t i = 1; i < Histogram::kUpperBounds.size(); ++i)
    EXPECT_LT(Histogram::kUpperBounds[i - 1], Histogram::kUpperBounds[i]);
}

TEST(Counter, CountsEveryConcurrentAdd) {
  Counter counter;
  constexpr int kThreads = 4, kAdds = 10'000;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&counter] {
      for (int i = 0; i < kAdds; ++i) counter.Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), kThreads * kAdds);
}

TEST(NullMetrics, ReturnsInstrumentsForAnyName) {
  NullMetrics().GetCounter("a", "", "b").Add(2);
  NullMetrics().GetGauge("a", "").Set(-1);
  NullMetrics().GetHistogram("a", "").Observe(1);
}

}  // namespace
}  // namespace trine
