#include "net/gzip.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace trine::net {
namespace {

RC_GTEST_PROP(Gzip, RoundTrips, (const std::string& seed)) {
  std::string text;
  const int copies = *rc::gen::inRange(1, 5000);
  for (int i = 0; i < copies; ++i) text += seed;
  const auto back = Gunzip(Gzip(text), text.size());
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == text);
}

TEST(Gunzip, StopsAtTheLimit) {
  const std::string bomb = Gzip(std::string(8'000'000, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  size_t reserved = 0;
  const auto result = Gunzip(bomb, 1'000'000, [&](size_t more) -> Status { return reserved += more, Ok(); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kLimit);
  EXPECT_LE(reserved, 1'000'001u);
  EXPECT_TRUE(Gunzip(bomb, 10'000'000).ok());
}

TEST(Gunzip, ReturnsTheErrorOfReserve) {
  const auto result =
      Gunzip(Gzip("hello"), 100, [](size_t) -> Status { return Error(ErrorCode::kBusy, "full"); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kBusy);
}

TEST(Gunzip, JoinsSeveralMembers) {
  EXPECT_EQ(*Gunzip(Gzip("one ") + Gzip("") + Gzip("two"), 100), "one two");
}

TEST(Gunzip, RejectsMalformedData) {
  const std::string whole = Gzip(std::string(100'000, 'x') + "end");
  for (size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_FALSE(Gunzip(whole.substr(0, cut), 1 << 20).ok()) << cut;
  EXPECT_FALSE(Gunzip("not gzip at all", 100).ok());
  EXPECT_FALSE(Gunzip(whole + "garbage", 1 << 20).ok());
  std::string flipped = whole;
  flipped[whole.size() - 6] ^= 1;  // inside the checksum
  EXPECT_FALSE(Gunzip(flipped, 1 << 20).ok());
}

}  // namespace
}  // namespace trine::net
