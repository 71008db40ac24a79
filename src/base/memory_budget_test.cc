#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace trine {
namespace {

MemoryBounds SmallBounds() {
  MemoryBounds bounds = MemoryBounds::Each(100);
  bounds.total = 150;
  bounds.background = 120;
  return bounds;
}

TEST(MemoryBudget, RefusesWhatDoesNotFitAndNamesTheSizes) {
  MemoryBudget budget(SmallBounds());
  ASSERT_TRUE(budget.Reserve(MemoryUse::kRequests, 70).ok());
  const Status busy = budget.Reserve(MemoryUse::kRequests, 40);
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().code, ErrorCode::kBusy);
  EXPECT_EQ(busy.error().kind(), ErrorKind::kBusy);
  EXPECT_EQ(busy.error().DetailOf("bytes_wanted"), "110");
  EXPECT_EQ(busy.error().DetailOf("bytes_limit"), "100");
  EXPECT_EQ(busy.error().DetailOf("durability"), "TRANSIENT");
  const Status never = budget.Reserve(MemoryUse::kRequests, 101);
  ASSERT_FALSE(never.ok());
  EXPECT_EQ(never.error().DetailOf("bytes_wanted"), "101");
  EXPECT_EQ(never.error().DetailOf("durability"), "PERMANENT");
  EXPECT_NE(never.error().message.find("101 bytes"), std::string::npos);
  EXPECT_EQ(budget.reserved(), 70u);
  EXPECT_EQ(budget.refused(MemoryUse::kRequests), 2u);
  budget.Release(MemoryUse::kRequests, 70);
  EXPECT_TRUE(budget.Reserve(MemoryUse::kRequests, 100).ok());
}

TEST(MemoryBudget, ATrialIsNotARefusal) {
  MemoryBudget budget(SmallBounds());
  EXPECT_TRUE(budget.TryReserve(MemoryUse::kHandling, 90));
  EXPECT_FALSE(budget.TryReserve(MemoryUse::kHandling, 11));
  EXPECT_FALSE(budget.TryReserve(MemoryUse::kAnswers, 61)) << "the total";
  EXPECT_EQ(budget.refused(MemoryUse::kHandling), 0u);
  EXPECT_EQ(budget.reserved(), 90u);
}

TEST(MemoryBudget, BoundsTheUsesTogether) {
  MemoryBudget budget(SmallBounds());
  ASSERT_TRUE(budget.Reserve(MemoryUse::kTraining, 70).ok());
  EXPECT_FALSE(budget.Reserve(MemoryUse::kKnowledge, 60).ok()) << "work in the background";
  EXPECT_EQ(budget.reserved(MemoryUse::kKnowledge), 0u);
  ASSERT_TRUE(budget.Reserve(MemoryUse::kAnswers, 80).ok());
  EXPECT_FALSE(budget.Check(MemoryUse::kHandling, 1).ok()) << "the total";
  EXPECT_FALSE(budget.Reserve(MemoryUse::kHandling, 1).ok());
  EXPECT_EQ(budget.reserved(), 150u);
  EXPECT_EQ(budget.peak(), 150u);
}

TEST(MemoryBudget, HugeSizesDoNotWrapAround) {
  MemoryBudget budget(SmallBounds());
  ASSERT_TRUE(budget.Reserve(MemoryUse::kHandling, 50).ok());
  EXPECT_FALSE(budget.Reserve(MemoryUse::kHandling, SIZE_MAX).ok());
  EXPECT_FALSE(budget.Reserve(MemoryUse::kHandling, SIZE_MAX - 20).ok());
  EXPECT_FALSE(budget.Check(MemoryUse::kHandling, SIZE_MAX).ok());
  EXPECT_EQ(budget.reserved(), 50u);
}

TEST(MemoryBudget, BoundsOfALimit) {
  const MemoryBounds bounds = MemoryBounds::Of(256u << 20);
  EXPECT_EQ(bounds.total, 160u << 20);
  EXPECT_EQ(bounds.background, 64u << 20);
  EXPECT_EQ(MemoryBudget(bounds).most(MemoryUse::kAnswers), 64u << 20);
  EXPECT_EQ(MemoryBudget(bounds).most(MemoryUse::kHandling), 96u << 20);
  EXPECT_EQ(MemoryBudget(bounds).most(MemoryUse::kImports), 64u << 20);
  EXPECT_EQ(MemoryBudget(bounds).step(), 12u << 20);
  EXPECT_EQ(MemoryBudget(MemoryBounds::Of(size_t{64} << 30)).step(), 64u << 20) << "a bound of its own";
  EXPECT_EQ(MemoryBounds::Of(1).total, kLeastMemoryBound);
}

TEST(MemoryHold, ReleasesWhatItHolds) {
  MemoryBudget budget(SmallBounds());
  {
    MemoryHold hold(&budget, MemoryUse::kAnswers);
    ASSERT_TRUE(hold.GrowTo(60).ok());
    ASSERT_TRUE(hold.GrowTo(40).ok());
    EXPECT_EQ(hold.bytes(), 60u);
    EXPECT_FALSE(hold.Add(50).ok());
    EXPECT_EQ(hold.bytes(), 60u);
    MemoryHold moved = std::move(hold);
    EXPECT_EQ(hold.bytes(), 0u);  // NOLINT: a hold that was moved from is empty
    moved.ShrinkTo(10);
    EXPECT_EQ(budget.reserved(MemoryUse::kAnswers), 10u);
    MemoryHold other(&budget, MemoryUse::kHandling);
    ASSERT_TRUE(other.Add(20).ok());
    other = std::move(moved);
    EXPECT_EQ(budget.reserved(MemoryUse::kHandling), 0u);
    EXPECT_EQ(budget.reserved(), 10u);
  }
  EXPECT_EQ(budget.reserved(), 0u);
  MemoryHold free;
  EXPECT_TRUE(free.Add(SIZE_MAX).ok()) << "without a budget";
}

TEST(MemoryBudget, CountsExactlyFromSeveralThreads) {
  MemoryBudget budget(MemoryBounds::Each(1000));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&budget] {
      for (size_t i = 0; i < 5000; ++i) {
        MemoryHold hold(&budget, MemoryUse::kRequests);
        if (hold.Add(1 + i % 600).ok()) {
          EXPECT_LE(budget.reserved(), 1000u);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget.reserved(), 0u);
  EXPECT_LE(budget.peak(), 1000u);
}

// Work that grows beyond the bound by itself will never fit, whatever the last step needs.
TEST(MemoryHold, SaysThatWorkCanNeverFit) {
  MemoryBudget budget(MemoryBounds::Each(100));
  MemoryHold hold(&budget, MemoryUse::kImports);
  ASSERT_TRUE(hold.Add(90).ok());
  const Status never = hold.Add(20);
  ASSERT_FALSE(never.ok());
  EXPECT_EQ(never.error().DetailOf("bytes_wanted"), "110");
  EXPECT_EQ(never.error().DetailOf("durability"), "PERMANENT");
  EXPECT_EQ(hold.bytes(), 90u);
  EXPECT_EQ(budget.refused(MemoryUse::kImports), 1u);
  MemoryHold other(&budget, MemoryUse::kImports);
  EXPECT_EQ(other.Add(20).error().DetailOf("durability"), "TRANSIENT");
}

}  // namespace
}  // namespace trine
