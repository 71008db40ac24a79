#include "search/query/date_math.h"

#include <gtest/gtest.h>

#include "format/text.h"

namespace trine::search {
namespace {

// 2026-11-22 is a Sunday.
constexpr int64_t kNow = 1795354496789;  // 2026-11-22T13:34:56.789Z

std::string Read(const std::string& text, bool round_up = false, const std::string& format = "",
                 const std::string& zone = "") {
  const auto time = ParseDate(text, {format, ParseTimeZone(zone).value(), Millis{kNow}, round_up});
  return time.ok() ? format::FormatTime(*time) : "error";
}

TEST(DateMathTest, ResolvesNow) { EXPECT_EQ(Read("now"), format::FormatTime(Millis{kNow})); }

TEST(DateMathTest, AddsAndRoundsUnits) {
  EXPECT_EQ(Read("2026-11-22T13:34:56.789Z||/d"), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22T13:34:56.789Z||/d", true), "2026-11-22T23:59:59.999Z");
  EXPECT_EQ(Read("2026-11-22||-7d/d"), "2026-11-15T00:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22||/w"), "2026-11-16T00:00:00.000Z") << "weeks begin on Monday";
  EXPECT_EQ(Read("2026-11-16||/w"), "2026-11-16T00:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22||/w", true), "2026-11-22T23:59:59.999Z");
  EXPECT_EQ(Read("2026-11-22||/M", true), "2026-11-30T23:59:59.999Z");
  EXPECT_EQ(Read("2026-11-22||/y"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(Read("2026-01-31||+1M"), "2026-02-28T00:00:00.000Z") << "clamped to the last day of the month";
  EXPECT_EQ(Read("2024-02-29||+1y"), "2025-02-28T00:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22||+1h-30m+5s"), "2026-11-22T00:30:05.000Z");
  EXPECT_EQ(Read("2026-11-22||-1M-1d"), "2026-10-21T00:00:00.000Z");
  EXPECT_EQ(Read("1960-01-05||/w"), "1960-01-04T00:00:00.000Z") << "before 1970 too";
}

TEST(DateMathTest, RoundsMissingFields) {
  EXPECT_EQ(Read("2026-11-22"), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22", true), "2026-11-22T23:59:59.999Z");
  EXPECT_EQ(Read("2026-11", true), "2026-11-01T23:59:59.999Z") << "days and months are not rounded";
  EXPECT_EQ(Read("2026-11-22T10", true), "2026-11-22T10:59:59.999Z");
  EXPECT_EQ(Read("2026-11-22T10:05:07"), "2026-11-22T10:05:07.000Z");
}

TEST(DateMathTest, AppliesTimeZones) {
  EXPECT_EQ(Read("2026-11-22T10:00:00+09:00"), "2026-11-22T01:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22", false, "", "+09:00"), "2026-11-21T15:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22T20:00:00Z||/d", false, "", "Asia/Seoul"), "2026-11-22T15:00:00.000Z")
      << "days are rounded in the given zone";
  EXPECT_FALSE(ParseTimeZone("Mars/Olympus").ok());
}

TEST(DateMathTest, AppliesSummerTime) {
  const auto paris = [](const std::string& text, bool round_up = false) {
    return Read(text, round_up, "", "Europe/Paris");
  };
  EXPECT_EQ(paris("2026-01-15"), "2026-01-14T23:00:00.000Z");
  EXPECT_EQ(paris("2026-07-15"), "2026-07-14T22:00:00.000Z");
  EXPECT_EQ(paris("2026-07-15", true), "2026-07-15T21:59:59.999Z");
  // 2026-03-29 has 23 hours and 2026-10-25 has 25.
  EXPECT_EQ(paris("2026-03-28||+1d"), "2026-03-28T23:00:00.000Z");
  EXPECT_EQ(paris("2026-03-28||+2d"), "2026-03-29T22:00:00.000Z") << "midnight again, 47 hours later";
  EXPECT_EQ(paris("2026-03-28||+48h"), "2026-03-29T23:00:00.000Z") << "01:00 in Paris";
  EXPECT_EQ(paris("2026-10-25T12:00:00||/d"), "2026-10-24T22:00:00.000Z");
  EXPECT_EQ(paris("2026-10-25T12:00:00||/d", true), "2026-10-25T22:59:59.999Z");
  EXPECT_EQ(paris("2026-07-15||/M"), "2026-06-30T22:00:00.000Z");
  EXPECT_EQ(paris("2026-07-15||/y"), "2025-12-31T23:00:00.000Z");
  EXPECT_EQ(paris("2026-10-25T01:30:00Z||/h"), "2026-10-25T01:00:00.000Z") << "the second 02:30";
  EXPECT_EQ(paris("2026-03-29T02:30:00"), "2026-03-29T01:30:00.000Z") << "does not exist; read as 03:30";
}

TEST(DateMathTest, ParsesFormats) {
  EXPECT_EQ(Read("1795354496789"), format::FormatTime(Millis{kNow}));
  EXPECT_EQ(Read("1795354496", false, "epoch_second"), "2026-11-22T13:34:56.000Z");
  EXPECT_EQ(Read("22/11/2026", false, "dd/MM/yyyy"), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(Read("2026.11.22 07:08", false, "yyyy.MM.dd HH:mm"), "2026-11-22T07:08:00.000Z");
  EXPECT_EQ(Read("20261122", false, "basic_date"), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(Read("2026-11-22T07:08:09.123+0900", false, "yyyy-MM-dd'T'HH:mm:ss.SSSZ"),
            "2026-11-21T22:08:09.123Z");
  EXPECT_EQ(Read("22/11/2026", false, "yyyy-MM-dd||dd/MM/yyyy"), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(Read("22/11/2026"), "error");
}

TEST(DateMathTest, RejectsInvalidDates) {
  for (const char* text :
       {"", "now-", "now-7", "now+d/", "now/7d", "nowhere", "2026-13-01", "2026-02-30", "2026-11-22T25",
        "||+1d", "2026-11-22x", "now+999999999y", "99999999999999999999"}) {
    EXPECT_EQ(Read(text), "error") << text;
  }
}

TEST(DateMathTest, RejectsYearsOutOfRange) {
  EXPECT_EQ(Read("99999999999", false, "yyyyyyyyyyy"), "error");
  EXPECT_EQ(Read("4294969322||/y", false, "epoch_second"), "2106-01-01T00:00:00.000Z");
  const auto millis = [](const char* text) -> int64_t {
    const auto time = ParseDate(text, {"epoch_millis", {}, Millis{kNow}, false});
    return time.ok() ? time->value : -1;
  };
  // Beyond the year 32767, which std::chrono does not know.
  EXPECT_EQ(millis("9000000000000000||/d"), 8'999'999'942'400'000);
  EXPECT_EQ(millis("9000000000000000||+1d"), 9'000'000'086'400'000);
  EXPECT_EQ(millis("7999999999999999999||+1s"), -1);
  EXPECT_EQ(millis("9000000000000000000"), 9'000'000'000'000'000'000);
}

TEST(DateMathTest, ReportsInvalidFormats) {
  const auto time = ParseDate("2026", {"yyyy-foo", {}, Millis{kNow}, false});
  ASSERT_FALSE(time.ok());
  EXPECT_EQ(time.error().code, ErrorCode::kDateFormat);
}

}  // namespace
}  // namespace trine::search
