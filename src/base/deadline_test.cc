#include "base/deadline.h"

#include <gtest/gtest.h>

namespace trine {
namespace {

TEST(Deadline, NeverPassesByDefault) {
  const Deadline d;
  EXPECT_FALSE(d.Passed());
  EXPECT_GT(d.MillisLeft(), int64_t{1} << 50);
  EXPECT_TRUE(d.Check("work").ok());
}

TEST(Deadline, PassesExactlyOnTime) {
  ManualClock clock(Millis{1000});
  const Deadline d = Deadline::After(clock, 100);
  EXPECT_EQ(d.MillisLeft(), 100);
  clock.Advance(99);
  EXPECT_FALSE(d.Passed());
  EXPECT_EQ(d.MillisLeft(), 1);
  clock.Advance(1);
  EXPECT_TRUE(d.Passed());
  EXPECT_EQ(d.MillisLeft(), 0);
  clock.Advance(1000);
  EXPECT_EQ(d.MillisLeft(), 0);
  const Status late = d.Check("retrieval");
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().kind(), ErrorKind::kTimeout);
  EXPECT_NE(late.error().message.find("retrieval"), std::string::npos);
}

TEST(Deadline, WithinReturnsTheEarlierDeadline) {
  ManualClock clock(Millis{0});
  const Deadline whole = Deadline::After(clock, 100);
  EXPECT_EQ(whole.Within(clock, 30).MillisLeft(), 30);
  EXPECT_EQ(whole.Within(clock, 500).MillisLeft(), 100);
  EXPECT_EQ(Deadline().Within(clock, 40).MillisLeft(), 40);
  EXPECT_EQ(whole.MillisLeft(), 100);
}

TEST(Deadline, StopRequestEndsTheDeadlineAndItsCopies) {
  ManualClock clock(Millis{0});
  std::stop_source stop;
  const Deadline d = Deadline::After(clock, 1000, stop.get_token());
  const Deadline narrower = d.Within(clock, 10);
  EXPECT_FALSE(narrower.Passed());
  stop.request_stop();
  EXPECT_TRUE(d.Passed());
  EXPECT_TRUE(narrower.Passed());
  EXPECT_EQ(narrower.MillisLeft(), 0);
  EXPECT_TRUE(narrower.stop().stop_requested());
}

}  // namespace
}  // namespace trine
