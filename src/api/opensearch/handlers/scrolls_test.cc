#include "api/opensearch/handlers/scrolls.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace trine::api::opensearch {
namespace {

std::shared_ptr<ScrollContext> Context() {
  return std::make_shared<ScrollContext>(std::vector<search::Target>{}, ParsedSearch{});
}

TEST(Scrolls, ExpireAfterTheirKeepAlive) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const auto id = scrolls.Open(Context(), 1000, 0);
  ASSERT_TRUE(id.ok());
  EXPECT_TRUE(Scrolls::IsId(*id));
  clock.Advance(900);
  EXPECT_NE(scrolls.Get(*id, std::nullopt), nullptr);  // restarts the keep-alive time
  clock.Advance(900);
  EXPECT_NE(scrolls.Get(*id, 5000), nullptr);
  clock.Advance(4000);
  EXPECT_NE(scrolls.Get(*id, std::nullopt), nullptr);
  clock.Advance(5000);
  EXPECT_EQ(scrolls.Get(*id, std::nullopt), nullptr);
}

TEST(Scrolls, CloseOnlyOnce) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const auto id = scrolls.Open(Context(), 1000, 0);
  EXPECT_TRUE(scrolls.Close(*id));
  EXPECT_FALSE(scrolls.Close(*id));
  ASSERT_TRUE(scrolls.Open(Context(), 1000, 0).ok());
  EXPECT_EQ(scrolls.CloseAll(), 1u);
}

TEST(Scrolls, RejectMoreThanTheLimitAsBusy) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(scrolls.Open(Context(), 1000, 0).ok());
  const auto more = scrolls.Open(Context(), 1000, 0);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().kind(), ErrorKind::kBusy);
  clock.Advance(1000);
  EXPECT_TRUE(scrolls.Open(Context(), 1000, 0).ok());
}

TEST(Scrolls, BoundTheBytesTheyKeep) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const size_t half = limits::kMaxScrollBytes / 2;
  EXPECT_FALSE(scrolls.Open(Context(), 1000, 2 * half + 1).ok());
  const auto first = scrolls.Open(Context(), 1000, half);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(scrolls.Open(Context(), 5000, half).ok());
  const auto refused = scrolls.Open(Context(), 1000, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kBusy);
  EXPECT_NE(refused.error().message.find("[33554432] bytes"), std::string::npos);
  EXPECT_TRUE(scrolls.Open(Context(), 1000, 0).ok());
  ASSERT_TRUE(scrolls.Close(*first));
  ASSERT_TRUE(scrolls.Open(Context(), 1000, half).ok());
  EXPECT_FALSE(scrolls.Open(Context(), 1000, half).ok());
  clock.Advance(1000);
  EXPECT_TRUE(scrolls.Open(Context(), 1000, half).ok());
}

TEST(Scrolls, RecogniseTheirIds) {
  for (const char* text : {"", "nonsense", "c2Nyb2xsMTo=", "_all"}) EXPECT_FALSE(Scrolls::IsId(text)) << text;
}

TEST(Scrolls, ReturnAnEmptyPageWithoutTargets) {
  const auto analyzers = std::move(analysis::NewAnalyzers({})).value();
  const search::Searcher searcher(*analyzers, SystemClock());
  const auto context = Context();
  const MutexLock lock(context->mutex());
  const auto page = context->Next(searcher, Deadline());
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->hits.empty());
}

}  // namespace
}  // namespace trine::api::opensearch
