#include "base/check.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/ids.h"

namespace trine {
namespace {

TEST(Check, HasNoEffectIfTheConditionHolds) {
  TRINE_CHECK(true);
  TRINE_CHECK_EQ(2 + 2, 4);
  TRINE_CHECK_NE(std::string("a"), "b");
  TRINE_CHECK_LT(1, 2);
  TRINE_CHECK_LE(2, 2);
  TRINE_CHECK_GT(SeqNo{3}, SeqNo{2});
  TRINE_CHECK_GE(2.5, 2.5);
}

TEST(Check, EvaluatesEachArgumentOnce) {
  int calls = 0;
  TRINE_CHECK_EQ(++calls, 1);
  EXPECT_EQ(calls, 1);
}

TEST(CheckDeathTest, PrintsTheConditionAndTheFile) {
  EXPECT_DEATH(TRINE_CHECK(1 > 2), "check failed: .*check_test.cc:[0-9]+: 1 > 2");
}

TEST(CheckDeathTest, PrintsBothValues) {
  const size_t row = 7, rows = 5;
  EXPECT_DEATH(TRINE_CHECK_LT(row, rows), "row < rows \\(7 against 5\\)");
  EXPECT_DEATH(TRINE_CHECK_EQ(SeqNo{3}, SeqNo{4}), "\\(3 against 4\\)");
  EXPECT_DEATH(TRINE_CHECK_EQ(std::string("title"), "price"), "\\(\"title\" against \"price\"\\)");
  const std::unique_ptr<int> nothing;
  EXPECT_DEATH(TRINE_CHECK_NE(nothing, nullptr), "\\(nullptr against nullptr\\)");
}

TEST(CheckDeathTest, EvaluatesDebugChecksOnlyIfEnabled) {
  [[maybe_unused]] int calls = 0;
#ifdef TRINE_ENABLE_DCHECKS
  EXPECT_DEATH(TRINE_DCHECK_GE(1, 2), "1 >= 2 \\(1 against 2\\)");
  EXPECT_DEATH(TRINE_DCHECK(false), "false");
#else
  TRINE_DCHECK_EQ(++calls, 2);
  TRINE_DCHECK(++calls == 5);
  EXPECT_EQ(calls, 0) << "a disabled check must not evaluate its arguments";
#endif
}

}  // namespace
}  // namespace trine
