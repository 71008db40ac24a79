#include "format/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "base/utf8.h"

namespace trine::format {
namespace {

TEST(Numbers, ParsesWholeStringsOnly) {
  EXPECT_EQ(ParseInt("-42"), -42);
  EXPECT_EQ(ParseInt("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", " 1", "1 ", "+1", "-", "1.0", "9223372036854775808", "0x1"}) {
    EXPECT_EQ(ParseInt(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(ParseDouble("1.5e3"), 1500.0);
  EXPECT_EQ(ParseDouble("-.5"), -0.5);
  EXPECT_EQ(ParseDouble("1e-999"), 0.0);
  for (const char* bad : {"", "nan", "inf", "-inf", "infinity", "1e999", "1 ", "--1", "1.2.3", "1e", "-"}) {
    EXPECT_EQ(ParseDouble(bad), std::nullopt) << bad;
  }
}

// The expected strings are documented for, or printed by, Java 21's Float.toString and Double.toString.
TEST(Numbers, MatchJavaFormatting) {
  EXPECT_EQ(JavaDouble(1), "1.0");
  EXPECT_EQ(JavaDouble(-0.0), "-0.0");
  EXPECT_EQ(JavaDouble(0.001), "0.001");
  EXPECT_EQ(JavaDouble(0.0015), "0.0015");
  EXPECT_EQ(JavaDouble(9.999e-4), "9.999E-4");
  EXPECT_EQ(JavaDouble(5e-4), "5.0E-4");
  EXPECT_EQ(JavaDouble(9999999.0), "9999999.0");
  EXPECT_EQ(JavaDouble(1e7), "1.0E7");
  EXPECT_EQ(JavaDouble(12345678.9), "1.23456789E7");
  EXPECT_EQ(JavaDouble(100), "100.0");
  EXPECT_EQ(JavaDouble(123.456), "123.456");
  EXPECT_EQ(JavaDouble(0.1), "0.1");
  EXPECT_EQ(JavaDouble(2e23), "2.0E23");
  EXPECT_EQ(JavaDouble(std::numeric_limits<double>::denorm_min()), "4.9E-324");
  EXPECT_EQ(JavaDouble(std::numeric_limits<double>::max()), "1.7976931348623157E308");
  EXPECT_EQ(JavaFloat(9.549512e9f), "9.549512E9");
  EXPECT_EQ(JavaFloat(0.25f), "0.25");
  EXPECT_EQ(JavaFloat(1.0E10f), "1.0E10");
  EXPECT_EQ(JavaFloat(std::numeric_limits<float>::denorm_min()), "1.4E-45");
  EXPECT_EQ(JavaFloat(std::numeric_limits<float>::infinity()), "Infinity");
  EXPECT_EQ(JavaFloat(-std::numeric_limits<float>::infinity()), "-Infinity");
  EXPECT_EQ(JavaFloat(std::nanf("")), "NaN");
}

RC_GTEST_PROP(Numbers, DecimalsRoundTrip, (uint64_t bits)) {
  const double d = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(d));
  RC_ASSERT(ParseDouble(ShortestDouble(d)) == d);
  RC_ASSERT(ParseDouble(JavaDouble(d)) == d);
  const float f = std::bit_cast<float>(static_cast<uint32_t>(bits));
  RC_PRE(std::isfinite(f));
  RC_ASSERT(static_cast<float>(*ParseDouble(ShortestFloat(f))) == f);
  RC_ASSERT(static_cast<float>(*ParseDouble(JavaFloat(f))) == f);
}

TEST(Money, ParsesAmountsAsShopsWriteThem) {
  const std::pair<const char*, double> cases[] = {{"12,900원", 12900},    {"₩12,900", 12900},
                                                  {"$12.90", 12.9},       {"12900", 12900},
                                                  {"5만원", 50000},       {"5만 원", 50000},
                                                  {"1만 2천원", 12000},   {"1만2천", 12000},
                                                  {"3만5천900원", 35900}, {"1억 2천만원", 1.2e8},
                                                  {"1.5만원", 15000},     {"만원", 10000},
                                                  {"오만원", 50000},      {"만오천원", 15000},
                                                  {"2천5백원", 2500},     {"이십만원", 200000},
                                                  {"10만원", 100000},     {"1,234,567", 1234567},
                                                  {" 9,900 KRW ", 9900},  {"-3,000원", -3000},
                                                  {"€12.90", 12.9},       {"US$5", 5},
                                                  {"5만 900원", 50900},   {"￦1,000", 1000},
                                                  {"2000만원", 2e7},      {"삼천원", 3000},
                                                  {"12.5", 12.5},         {"0원", 0},
                                                  {"29.900원", 29900},    {"₩1.234.567", 1234567}};
  for (const auto& [text, value] : cases) {
    const auto parsed = ParseMoney(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_DOUBLE_EQ(*parsed, value) << text;
  }
}

TEST(Money, RejectsOtherText) {
  for (const char* bad :
       {"", "원", "1.290,50 €", "12,90", "1,2345", "1234,567", "abc", "5만원 이하", "12,900원 15,000원",
        "만억", "천만천만", "1.2.3", "5 만 6 만", "--5", "1e5", "천2천", ",100", "100,", "무료"}) {
    EXPECT_EQ(ParseMoney(bad), std::nullopt) << bad;
  }
}

TEST(Time, ParsesIsoKoreanAndCompactDates) {
  constexpr int64_t kDay = 1795305600000;  // 2026-11-22T00:00:00Z
  const std::pair<const char*, int64_t> cases[] = {{"2026-11-22", kDay},
                                                   {"2026-11-22T10:00:00.5+09:00", kDay + 3600'000 + 500},
                                                   {"2026-11-22 10:00", kDay + 36000'000},
                                                   {"2026.11.22 13:05", kDay + 47100'000},
                                                   {"2026/11/22", kDay},
                                                   {"2026. 11. 22.", kDay},
                                                   {"2026. 11. 22. 오후 1:05", kDay + 47100'000},
                                                   {"2026. 11. 22. 오전 12:05:01", kDay + 301'000},
                                                   {"2026년 11월 22일", kDay},
                                                   {"2026년 11월 22일 13:05", kDay + 47100'000},
                                                   {"20261122", kDay},
                                                   {"20261122130500", kDay + 47100'000},
                                                   {"2026-11-22T01:02:03.004Z", kDay + 3723'004},
                                                   {"2026-11-22T01:02:03,123456789Z", kDay + 3723'123},
                                                   {"2026-11-22T09+0900", kDay},
                                                   {"2026-11-22 09:00 KST", kDay},
                                                   {"2026-11-21T23:00:00-0100", kDay},
                                                   {"2026-11", kDay - 21 * 86400'000LL},
                                                   {"2026", 1767225600000}};
  for (const auto& [text, value] : cases) {
    const auto parsed = ParseTime(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->value, value) << text;
  }
  EXPECT_EQ(ParseTime("2026-11-22 09:00", 540)->value, kDay);
  EXPECT_EQ(ParseTime("2026-11-22T00:00Z", 540)->value, kDay);
  EXPECT_EQ(ParseTime("2024-02-29")->value, 1709164800000);
}

TEST(Time, RejectsOtherText) {
  for (const char* bad : {"",
                          "2026-13-01",
                          "2026-02-29",
                          "2026-00-10",
                          "2026-11-22T24:00",
                          "2026-11-22T10:60",
                          "2026-11-22T10:00:60",
                          "22/11/2026",
                          "2026-11-22x",
                          "2026-11-22T",
                          "2026-11-22 ",
                          "2026-11/22",
                          "오늘",
                          "26-11-22",
                          "2026-11-22T10:00+9",
                          "2026-11-22T10:00:00.",
                          "2026-11-22T10:00:00.1234567890",
                          "2026.11",
                          "2026-11-22 오후 13:00",
                          "202611221",
                          "1763773323"}) {
    EXPECT_EQ(ParseTime(bad), std::nullopt) << bad;
  }
}

TEST(Time, ParsesEpochs) {
  EXPECT_EQ(ParseTime("1700000000", 0, Epoch::kSeconds)->value, 1700000000000);
  EXPECT_EQ(ParseTime("1700000000.25", 0, Epoch::kSeconds)->value, 1700000000250);
  EXPECT_EQ(ParseTime("1700000000123", 0, Epoch::kMillis)->value, 1700000000123);
  EXPECT_EQ(ParseTime("1700000000", 0, Epoch::kGuess)->value, 1700000000000);
  EXPECT_EQ(ParseTime("1700000000123", 0, Epoch::kGuess)->value, 1700000000123);
  EXPECT_EQ(ParseTime("-1", 0, Epoch::kMillis)->value, -1);
  EXPECT_EQ(ParseTime("2026-11-22", 0, Epoch::kGuess)->value, 1795305600000);
  EXPECT_EQ(ParseTime("1e30", 0, Epoch::kMillis), std::nullopt);
}

TEST(Time, FormatsUtc) {
  EXPECT_EQ(FormatTime(Millis{1795309323004}), "2026-11-22T01:02:03.004Z");
  EXPECT_EQ(FormatTime(Millis{-1}), "1969-12-31T23:59:59.999Z");
}

RC_GTEST_PROP(Time, RoundTripsFormattedTimes, ()) {
  const Millis t{*rc::gen::inRange<int64_t>(-62167219200000, 253402300800000)};
  RC_ASSERT(ParseTime(FormatTime(t)) == t);
}

TEST(WithCommas, GroupsByThree) {
  EXPECT_EQ(WithCommas("0"), "0");
  EXPECT_EQ(WithCommas("999"), "999");
  EXPECT_EQ(WithCommas("3003"), "3,003");
  EXPECT_EQ(WithCommas("123456"), "123,456");
  EXPECT_EQ(WithCommas("18446744073709551615"), "18,446,744,073,709,551,615");
}

TEST(Base64, EncodesKnownValuesAndRejectsMalformedText) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  for (const char* bad : {"Zg=", "Zg", "Z===", "Zh==", "Zm9=", "Zm 8", "Zg==Zg==", "=Zg=", "Zm8-",
                          " Zg=", "Zg= ", "Zg==\n\n\n\n", "====", "Zm9vZg", "Zm9v\xff\xff\xff\xff",
                          "-Zg=", "Zm9v====", "Zm_v"}) {
    EXPECT_EQ(UnBase64(bad), std::nullopt) << bad;
  }
}

TEST(Base64, DecodesOnlyCanonicalText) {
  std::set<std::string> padded;  // the encodings of all strings with one or two bytes
  for (int a = 0; a < 256; ++a) {
    padded.insert(Base64(std::string(1, static_cast<char>(a))));
    for (int b = 0; b < 256; ++b)
      padded.insert(Base64(std::string{static_cast<char>(a), static_cast<char>(b)}));
  }
  constexpr std::string_view kCharacters = "AQqw+/=- \n\t%";
  constexpr size_t kCount = kCharacters.size();
  for (size_t i = 0; i < kCount * kCount * kCount * kCount; ++i) {
    std::string text;
    for (size_t k = 0, rest = i; k < 4; ++k, rest /= kCount) text += kCharacters[rest % kCount];
    const bool letters = text.find_first_not_of("AQqw+/") == std::string::npos;
    ASSERT_EQ(UnBase64(text).has_value(), letters || padded.contains(text)) << text;
  }
}

RC_GTEST_PROP(Base64, RoundTrip, (const std::string& bytes)) { RC_ASSERT(UnBase64(Base64(bytes)) == bytes); }

TEST(Percent, DecodesAndEncodes) {
  EXPECT_EQ(PercentDecode("a%20b+c"), "a b+c");
  EXPECT_EQ(PercentDecode("a%20b+c", true), "a b c");
  EXPECT_EQ(PercentDecode("%ED%95%9c"), "한");
  for (const char* bad : {"%", "%2", "%2g", "a%zz"}) EXPECT_EQ(PercentDecode(bad), std::nullopt) << bad;
  EXPECT_EQ(PercentEncode("a b/한~"), "a%20b%2F%ED%95%9C~");
  EXPECT_EQ(PercentEncode("a/b", true), "a/b");
}

RC_GTEST_PROP(Percent, RoundTrip, (const std::string& bytes)) {
  RC_ASSERT(PercentDecode(PercentEncode(bytes)) == bytes);
  RC_ASSERT(PercentDecode(PercentEncode(bytes, true), true) == bytes);
}

TEST(Lines, ReadsOneLineAtATime) {
  std::string_view text = "a\r\n\nlast";
  bool ended = false;
  EXPECT_EQ(NextLine(&text, &ended), "a");
  EXPECT_TRUE(ended);
  EXPECT_EQ(NextLine(&text), "");
  EXPECT_EQ(NextLine(&text, &ended), "last");
  EXPECT_FALSE(ended);
  EXPECT_EQ(NextLine(&text), std::nullopt);
}

TEST(Printable, RemovesTerminalControls) {
  const std::pair<std::string, const char*> cases[] = {
      {"plain 가벼운 의자 👨‍👩‍👧 é", "plain 가벼운 의자 👨‍👩‍👧 é"},
      {"\x1b[31mred\x1b]0;title\x07", "[31mred]0;title"},
      {"a\xc2\x9b"
       "2Jb\xc2\x85"
       "c\xc2\xa0",
       "a2Jb c\xc2\xa0"},
      {"a\tb\r\nc\x0b"
       "d\x7f\x08",
       "a b  c d"},
      {"x\u202e\u2066\u200f\u061cy\u2028z\u200d", "xy z\u200d"},
      {"\x9b"
       "31m \xe2\x80",
       "\ufffd31m \ufffd"},
      {std::string("a\0b", 3), "ab"},
      {"a\u200bb\u2060\u2064\u206f\ufeffc\u180e\ufff9\U000e0041", "abc"},
      {"\xc2", "\ufffd"}};
  for (const auto& [text, shown] : cases) EXPECT_EQ(Printable(text), shown) << text;
  EXPECT_EQ(Printable("a\n\x1b"
                      "b\r\n",
                      true),
            "a\nb \n");
}

}  // namespace
}  // namespace trine::format
