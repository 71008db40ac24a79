#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace trine {
namespace {

Result<int> Half(int v) {
  if (v % 2 != 0)
    return Error(ErrorCode::kBadRow, "not even").Expected("an even number").Got(std::to_string(v));
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

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(*Quarter(8), 2);
  const auto failed = Quarter(6);
  ASSERT_FALSE(failed.ok());
  EXPECT_FALSE(static_cast<bool>(failed));
  EXPECT_EQ(failed.error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(failed.error().code, ErrorCode::kBadRow);
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

TEST(Result, HoldsMoveOnlyTypes) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 7);
}

TEST(Error, PrintsAllPartsOnOneLine) {
  EXPECT_EQ(Error(ErrorCode::kIo, "cannot read").ToString(), "cannot read");
  EXPECT_EQ(Error(ErrorCode::kIo, "cannot read").Where("file a").ToString(), "cannot read (at file a)");
  EXPECT_EQ(Error(ErrorCode::kInvalid, "bad").Expected("x").Got("y").Where("z").ToString(),
            "bad (expected x, got y, at z)");
}

TEST(Error, KeepsDetailsAndCauseOutOfTheMessage) {
  const Error error = Error(ErrorCode::kFieldParse, "cannot parse a value")
                          .Detail("type", "integer")
                          .Cause(Error(ErrorCode::kNumberSyntax, "not a number").Got("x"));
  EXPECT_EQ(error.DetailOf("type"), "integer");
  EXPECT_EQ(error.DetailOf("none"), "");
  ASSERT_NE(error.cause, nullptr);
  EXPECT_EQ(error.cause->code, ErrorCode::kNumberSyntax);
  EXPECT_EQ(error.ToString(), "cannot parse a value");
}

TEST(ErrorCode, EveryCodeHasAKindAndAUniqueName) {
  std::set<std::string_view> names;
  // The first and last number of each contiguous range in error_code.h.
  constexpr std::pair<int, int> kRuns[] = {
      {1, 15},    {100, 103}, {110, 114}, {120, 124}, {130, 130}, {140, 141}, {150, 175}, {180, 184},
      {190, 195}, {200, 214}, {220, 226}, {230, 234}, {250, 250}, {300, 308}, {310, 313}, {320, 325}};
  for (const auto& [first, last] : kRuns) {
    for (int number = first; number <= last; ++number) {
      const auto code = static_cast<ErrorCode>(number);
      EXPECT_TRUE(names.insert(Name(code)).second) << Name(code);
      EXPECT_EQ(Error(code, "m").kind(), KindOf(code));
      EXPECT_FALSE(Name(KindOf(code)).empty());
    }
  }
  EXPECT_EQ(Name(ErrorCode::kCollectionNotFound), "collection_not_found");
}

TEST(ErrorCode, GenericCodesShareNumberAndNameWithTheirKind) {
  for (int number = 1; number <= 15; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    EXPECT_EQ(static_cast<int>(KindOf(code)), number);
    EXPECT_EQ(Name(KindOf(code)), Name(code));
  }
  EXPECT_EQ(Name(ErrorKind::kNotFound), "not_found");
}

TEST(ErrorCodeDeathTest, NumbersOutsideTheEnumerationAbort) {
  EXPECT_DEATH(static_cast<void>(KindOf(static_cast<ErrorCode>(99))), "error code");
  EXPECT_DEATH(static_cast<void>(Name(static_cast<ErrorCode>(99))), "error code");
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorAborts) {
  EXPECT_DEATH(static_cast<void>(Half(1).value()), "not even");
  EXPECT_DEATH(static_cast<void>(Half(2).error()), "check failed");
  EXPECT_DEATH(Status(Error(ErrorCode::kIo, "broken disk")).value(), "broken disk");
}

}  // namespace
}  // namespace trine
