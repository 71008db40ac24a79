#include "format/decimal.h"

#include <gtest/gtest.h>

namespace trine::format {
namespace {

Decimal D(std::string_view text) {
  const auto parsed = Decimal::Parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(Decimal{});
}

TEST(Decimal, ComparesByValueWithoutRounding) {
  for (const char* same : {"1000", "1e3", "1000.0", "+1000", "0.1e4", "10E+2", "01000"}) {
    EXPECT_EQ(D(same), D("1000")) << same;
  }
  EXPECT_EQ(D("-0.00"), D("0e99999999999999999999"));
  EXPECT_NE(D("18446744073709551617"), D("18446744073709551616"));
  EXPECT_NE(D("0.1"), D("0.1000000000000000055511151231257827"));
  EXPECT_NE(D("1"), D("-1"));
  EXPECT_NE(D("1e400"), D("1e401"));
}

TEST(Decimal, RejectsTextThatIsNotADecimal) {
  for (const char* text : {"", "-", ".", "1e", "e3", "1 ", " 1", "0x1", "1.2.3", "NaN", "1e+", "--1"}) {
    EXPECT_FALSE(Decimal::Parse(text).has_value()) << text;
  }
}

TEST(Decimal, TruncatesExactly) {
  const auto whole = [](std::string_view text) { return D(text).Truncate(); };
  EXPECT_EQ(whole("9007199254740993.9").magnitude, 9007199254740993u);
  EXPECT_TRUE(whole("9007199254740993.9").has_fraction);
  EXPECT_EQ(whole("-18446744073709551615").magnitude, UINT64_MAX);
  EXPECT_FALSE(whole("18446744073709551616").fits);
  EXPECT_FALSE(whole("1e300").fits);
  EXPECT_EQ(whole("12e2").magnitude, 1200u);
  EXPECT_FALSE(whole("12e2").has_fraction);
  EXPECT_EQ(whole("0.004").magnitude, 0u);
  EXPECT_TRUE(whole("0.004").has_fraction);
  EXPECT_EQ(whole("0").magnitude, 0u);
  EXPECT_FALSE(whole("0").has_fraction);
}

}  // namespace
}  // namespace trine::format
