#include "net/memory_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace trine::net {
namespace {

class MemoryQueueTest : public ::testing::Test {
 protected:
  MemoryQueue::PlacePtr Join(const std::string& name, size_t bytes) {
    auto place = std::make_shared<MemoryQueue::Place>(bytes);
    queue_.Join(place, [this, name] { resumed_.push_back(name); });
    return place;
  }
  MemoryBudget budget_{MemoryBounds::Each(100)};
  MemoryQueue queue_{budget_};
  std::vector<std::string> resumed_;
};
using Names = std::vector<std::string>;

TEST_F(MemoryQueueTest, ServesTheFirstFirst) {
  MemoryQueue::Share share = queue_.TryReserve(80);
  ASSERT_FALSE(share.empty());
  const auto large = Join("large", 70), small = Join("small", 10), last = Join("last", 95);
  EXPECT_TRUE(resumed_.empty()) << "the small one does not overtake";
  EXPECT_TRUE(queue_.TryReserve(1).empty()) << "nor does a new one";
  EXPECT_TRUE(queue_.Take(large).empty());
  share.Release();
  EXPECT_EQ(resumed_, (Names{"large", "small"}));
  EXPECT_EQ(budget_.reserved(), 80u);
  MemoryQueue::Share first = queue_.Take(large);
  ASSERT_FALSE(first.empty());
  first = {};
  EXPECT_EQ(resumed_.size(), 2u);
  queue_.Take(small).Release();
  EXPECT_EQ(resumed_, (Names{"large", "small", "last"}));
  queue_.Take(last).Release();
  EXPECT_EQ(budget_.reserved(), 0u);
  EXPECT_FALSE(queue_.TryReserve(100).empty());
}

TEST_F(MemoryQueueTest, OneThatLeavesLetsTheNextPass) {
  MemoryQueue::Share share = queue_.TryReserve(50);
  const auto large = Join("large", 60), small = Join("small", 40);
  EXPECT_TRUE(queue_.Leave(large).empty());
  EXPECT_EQ(resumed_, Names{"small"});
  EXPECT_FALSE(queue_.Leave(small).empty()) << "reserved in the moment in which it gave up";
  EXPECT_EQ(budget_.reserved(), 50u);
}

TEST_F(MemoryQueueTest, MemoryThatOtherWorkGivesBackIsFoundByTake) {
  ASSERT_TRUE(budget_.Reserve(MemoryUse::kAnswers, 90).ok());
  const auto place = Join("a", 50);
  budget_.Release(MemoryUse::kAnswers, 90);
  EXPECT_TRUE(resumed_.empty());
  EXPECT_FALSE(queue_.Take(place).empty());
}

TEST_F(MemoryQueueTest, JoiningAgainKeepsThePlace) {
  MemoryQueue::Share share = queue_.TryReserve(90);
  const auto first = Join("first", 60), second = Join("second", 60);
  queue_.Join(first, [this] { resumed_.push_back("first again"); });
  share.Release();
  EXPECT_EQ(resumed_, Names{"first again"});
  queue_.Join(first, [this] { resumed_.push_back("at once"); });
  EXPECT_EQ(resumed_.back(), "at once") << "its memory is reserved";
  EXPECT_FALSE(queue_.Leave(first).empty());
  EXPECT_FALSE(queue_.Take(second).empty());
}

TEST_F(MemoryQueueTest, PlacesThatNobodyTakesGiveTheirMemoryBack) {
  MemoryQueue::Share share = queue_.TryReserve(90);
  for (int i = 0; i < 1000; ++i) Join("lost", 90);  // their requests are gone
  const auto last = Join("last", 90);
  share.Release();
  EXPECT_EQ(resumed_.size(), 1001u);
  EXPECT_FALSE(queue_.Take(last).empty());
  EXPECT_EQ(budget_.reserved(), 0u);
}

}  // namespace
}  // namespace trine::net
