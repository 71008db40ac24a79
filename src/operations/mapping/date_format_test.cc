#include "operations/mapping/date_format.h"

#include <gtest/gtest.h>

namespace trine::operations {
namespace {

struct Case {
  const char* format;
  const char* text;
  std::optional<int64_t> millis;
};

TEST(DateFormat, ReadsOnlyTextInItsFormat) {
  constexpr int64_t kDay = 86'400'000;
  const int64_t nov22 = 20'779 * kDay;  // 2026-11-22
  const Case cases[] = {
      {"", "2026-11-22", nov22},
      {"", "2026-11-22T01:02:03.004Z", nov22 + 3'723'004},
      {"", "2026-11-22T01:02:03,5+09:00", nov22 + 3'723'500 - 9 * 3'600'000},
      {"", "2026-11-22T01:02:03.123456789Z", nov22 + 3'723'123},
      {"", "2026-11-22T01+0900", nov22 + 3'600'000 - 9 * 3'600'000},
      {"", "2026-11", nov22 - 21 * kDay},
      {"", "2026", 1'767'225'600'000},  // a year, not milliseconds: the first alternative wins
      {"", "1700000000000", 1'700'000'000'000},
      {"", "-1", -1},
      {"", "2026-11-22 01:02", std::nullopt},
      {"", "2026-1-2", std::nullopt},
      {"", "2026-13-01", std::nullopt},
      {"", "2026-02-30", std::nullopt},
      {"", "2024-02-29", 1'709'164'800'000},
      {"", "2026-11-22T25:00", std::nullopt},
      {"", "", std::nullopt},
      {"", "오늘", std::nullopt},
      {"date_optional_time", "2026-1-2", 1'767'312'000'000},
      {"epoch_second", "1700000000", 1'700'000'000'000},
      {"epoch_second", "1700000000.5", 1'700'000'000'500},
      {"epoch_second", "99999999999999999999", std::nullopt},
      {"yyyy-MM-dd HH:mm:ss", "2026-11-22 01:02:03", nov22 + 3'723'000},
      {"yyyy-MM-dd HH:mm:ss", "2026-11-22", std::nullopt},
      {"yyyy.MM.dd||yyyyMMdd", "2026.11.22", nov22},
      {"yyyy.MM.dd||yyyyMMdd", "20261122", nov22},
      {"yyyy년 M월 d일", "2026년 11월 22일", nov22},
      {"yyyy-MM-dd['T'HH:mm]", "2026-11-22T00:01", nov22 + 60'000},
      {"yyyy-MM-dd['T'HH:mm]", "2026-11-22T00", std::nullopt},
      {"yyyy-MM-dd HH:mm:ss.SSS Z", "2026-11-22 00:00:00.250 -01:00", nov22 + 3'600'250},
      {"basic_date", "20261122", nov22},
  };
  for (const Case& c : cases) {
    const Result<DateFormat> format = DateFormat::Compile(c.format);
    ASSERT_TRUE(format.ok()) << c.format << ": " << format.error().ToString();
    const std::optional<Millis> read = format->Read(c.text);
    EXPECT_EQ(read.has_value(), c.millis.has_value()) << c.format << " | " << c.text;
    if (read && c.millis) {
      EXPECT_EQ(read->value, *c.millis) << c.format << " | " << c.text;
    }
  }
}

TEST(DateFormat, RejectsInvalidPatterns) {
  for (const char* format : {"yyyy-QQ", "yyyy[-MM", "yyyy]", "'open", "||", "MMMM", "[[[[[[[[[y]]]]]]]]]"}) {
    const Result<DateFormat> compiled = DateFormat::Compile(format);
    ASSERT_FALSE(compiled.ok()) << format;
    EXPECT_EQ(compiled.error().code, ErrorCode::kDateFormat);
  }
}

}  // namespace
}  // namespace trine::operations
