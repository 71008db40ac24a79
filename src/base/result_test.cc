#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace trine {
namespace {

Result<int> Half(int v) {
  if (v % 2 != 0)
    return Error(ErrorKind::kInvalid, "not even")
        .Code("odd")
        .Expected("an even number")
        .Got(std::to_string(v));
  return v / 2;
}

Result<int> Quarter(int v) {
  TRINE_ASSIGN(const int half, Half(v));
  return Half(half);
}

Status BothEven(int a, int b, int* reached) {
  TRINE_TRY(Half(a));
  *reached = 1;
  TRINE_TRY(Half(b));
  *reached = 2;
  return Ok();
}

TEST(Result, ValueOrError) {
  EXPECT_EQ(*Quarter(8), 2);
  const auto failed = Quarter(6);
  ASSERT_FALSE(failed.ok());
  EXPECT_FALSE(static_cast<bool>(failed));
  EXPECT_EQ(failed.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(failed.error().code, "odd");
  EXPECT_EQ(failed.error().got, "3");
}

TEST(Result, TryReturnsTheFirstError) {
  int reached = 0;
  EXPECT_EQ(BothEven(3, 5, &reached).error().got, "3");
  EXPECT_EQ(reached, 0);
  EXPECT_EQ(BothEven(2, 5, &reached).error().got, "5");
  EXPECT_EQ(reached, 1);
  EXPECT_TRUE(BothEven(2, 4, &reached).ok());
  EXPECT_EQ(reached, 2);
}

TEST(Result, CarriesWhatOnlyMoves) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 7);
}

TEST(Error, SaysItAllInOneLine) {
  EXPECT_EQ(Error(ErrorKind::kIo, "cannot read").ToString(), "cannot read");
  EXPECT_EQ(Error(ErrorKind::kIo, "cannot read").Where("file a").ToString(), "cannot read (at file a)");
  EXPECT_EQ(Error(ErrorKind::kInvalid, "bad").Expected("x").Got("y").Where("z").ToString(),
            "bad (expected x, got y, at z)");
}

TEST(Error, EveryKindHasItsOwnName) {
  std::vector<std::string_view> names;
  for (int k = 1; k <= 15; ++k) {
    const auto name = Name(static_cast<ErrorKind>(k));
    for (const auto other : names) EXPECT_NE(name, other);
    names.push_back(name);
  }
  EXPECT_EQ(Name(ErrorKind::kNotFound), "not_found");
}

TEST(ResultDeathTest, ReadingAValueThatIsNotThereEndsTheProcess) {
  EXPECT_DEATH(static_cast<void>(Half(1).value()), "not even");
  EXPECT_DEATH(static_cast<void>(Half(2).error()), "check failed");
  EXPECT_DEATH(Status(Error(ErrorKind::kIo, "broken disk")).value(), "broken disk");
}

}  // namespace
}  // namespace trine
