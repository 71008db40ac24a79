#include "api/opensearch/handlers/scrolls.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace trine::api::opensearch {
namespace {

std::shared_ptr<ScrollContext> Context() {
  return std::make_shared<ScrollContext>(std::vector<search::Target>{}, ParsedSearch{});
}

const net::Caller kAdmin;

net::Caller Reader(const char* name) {
  net::Caller caller;
  caller.name = name;
  caller.role = net::Caller::Role::kRead;
  return caller;
}

TEST(Scrolls, BelongToTheirCaller) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const net::Caller ann = Reader("ann"), bob = Reader("bob");
  const auto hers = scrolls.Open(Context(), ann, 1000, 0), his = scrolls.Open(Context(), bob, 1000, 0);
  ASSERT_TRUE(hers.ok() && his.ok());
  EXPECT_EQ(scrolls.Get(*hers, bob, std::nullopt), nullptr);
  EXPECT_NE(scrolls.Get(*hers, ann, std::nullopt), nullptr);
  EXPECT_FALSE(scrolls.Close(*hers, bob));
  EXPECT_EQ(scrolls.CloseAll(bob), 1u);
  EXPECT_NE(scrolls.Get(*hers, ann, std::nullopt), nullptr);
  ASSERT_TRUE(scrolls.Open(Context(), bob, 1000, 0).ok());
  EXPECT_EQ(scrolls.CloseAll(kAdmin), 2u) << "an administrator closes all";
}

TEST(Scrolls, ExpireAfterTheirKeepAlive) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const auto id = scrolls.Open(Context(), kAdmin, 1000, 0);
  ASSERT_TRUE(id.ok());
  EXPECT_TRUE(Scrolls::IsId(*id));
  clock.Advance(900);
  EXPECT_NE(scrolls.Get(*id, kAdmin, std::nullopt), nullptr);  // restarts the keep-alive time
  clock.Advance(900);
  EXPECT_NE(scrolls.Get(*id, kAdmin, 5000), nullptr);
  clock.Advance(4000);
  EXPECT_NE(scrolls.Get(*id, kAdmin, std::nullopt), nullptr);
  clock.Advance(5000);
  EXPECT_EQ(scrolls.Get(*id, kAdmin, std::nullopt), nullptr);
}

TEST(Scrolls, CloseOnlyOnce) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const auto id = scrolls.Open(Context(), kAdmin, 1000, 0);
  EXPECT_TRUE(scrolls.Close(*id, kAdmin));
  EXPECT_FALSE(scrolls.Close(*id, kAdmin));
  ASSERT_TRUE(scrolls.Open(Context(), kAdmin, 1000, 0).ok());
  EXPECT_EQ(scrolls.CloseAll(kAdmin), 1u);
}

TEST(Scrolls, RejectMoreThanTheLimitAsBusy) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(scrolls.Open(Context(), kAdmin, 1000, 0).ok());
  const auto more = scrolls.Open(Context(), kAdmin, 1000, 0);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().kind(), ErrorKind::kBusy);
  clock.Advance(1000);
  EXPECT_TRUE(scrolls.Open(Context(), kAdmin, 1000, 0).ok());
}

TEST(Scrolls, BoundTheBytesTheyKeep) {
  ManualClock clock(Millis{1'000});
  Scrolls scrolls(clock);
  const size_t half = limits::kMaxScrollBytes / 2;
  EXPECT_FALSE(scrolls.Open(Context(), kAdmin, 1000, 2 * half + 1).ok());
  const auto first = scrolls.Open(Context(), kAdmin, 1000, half);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(scrolls.Open(Context(), kAdmin, 5000, half).ok());
  const auto refused = scrolls.Open(Context(), kAdmin, 1000, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kBusy);
  EXPECT_NE(refused.error().message.find("[33554432] bytes"), std::string::npos);
  EXPECT_TRUE(scrolls.Open(Context(), kAdmin, 1000, 0).ok());
  ASSERT_TRUE(scrolls.Close(*first, kAdmin));
  ASSERT_TRUE(scrolls.Open(Context(), kAdmin, 1000, half).ok());
  EXPECT_FALSE(scrolls.Open(Context(), kAdmin, 1000, half).ok());
  clock.Advance(1000);
  EXPECT_TRUE(scrolls.Open(Context(), kAdmin, 1000, half).ok());
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
