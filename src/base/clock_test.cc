#include "base/clock.h"

#include <gtest/gtest.h>

namespace trine {
namespace {

TEST(ManualClock, MovesOnlyByAdvance) {
  ManualClock clock(Millis{5000});
  EXPECT_EQ(clock.Now().value, 5000);
  const int64_t before = clock.MonotonicNanos();
  clock.Advance(250);
  EXPECT_EQ(clock.Now().value, 5250);
  EXPECT_EQ(clock.MonotonicNanos() - before, 250'000'000);
}

TEST(SystemClock, IsSharedAndNeverDecreases) {
  const Clock& clock = SystemClock();
  EXPECT_EQ(&clock, &SystemClock());
  EXPECT_GT(clock.Now().value, 1'600'000'000'000);
  int64_t last = clock.MonotonicNanos();
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = clock.MonotonicNanos();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace trine
