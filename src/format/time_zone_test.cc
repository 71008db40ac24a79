#include "format/time_zone.h"

#include <gtest/gtest.h>

#include <string>

namespace trine::format {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kHourMillis = 3'600'000;
constexpr Millis kJanuary{1'767'225'600'000};  // 2026-01-01T00:00Z
constexpr Millis kJuly{1'782'864'000'000};     // 2026-07-01T00:00Z

int64_t OffsetAt(const char* name, Millis time) { return TimeZone::Find(name).value().OffsetAt(time); }

TEST(TimeZone, ReadsOffsetsAndRegions) {
  EXPECT_EQ(OffsetAt("Z", kJuly), 0);
  EXPECT_EQ(OffsetAt("UTC", kJuly), 0);
  EXPECT_EQ(OffsetAt("+09:00", kJuly), 9 * kHour);
  EXPECT_EQ(OffsetAt("-0330", kJuly), -kHour * 7 / 2);
  EXPECT_EQ(OffsetAt("GMT+9", kJuly), 9 * kHour);
  EXPECT_EQ(OffsetAt("+9", kJuly), 9 * kHour);
  EXPECT_EQ(OffsetAt("Asia/Seoul", kJuly), 9 * kHour);
  EXPECT_EQ(OffsetAt("Europe/Paris", kJanuary), kHour);
  EXPECT_EQ(OffsetAt("Europe/Paris", kJuly), 2 * kHour);
  EXPECT_EQ(OffsetAt("America/New_York", kJuly), -4 * kHour);
  EXPECT_EQ(OffsetAt("CET", kJuly), 2 * kHour);
  for (const char* name : {"", "Mars/Olympus", "europe/paris", "PST", "+25:00", "Etc/Unknown", "GMT+",
                           "Europe/Paris ", "Europe/Par\xff"})
    EXPECT_FALSE(TimeZone::Find(name)) << name;
  EXPECT_FALSE(TimeZone::Find(std::string(1000, 'a')));
  EXPECT_EQ(TimeZone::Find("Europe/Paris"), TimeZone::Find("Europe/Paris"));
  EXPECT_EQ(TimeZone::Find("+01:00")->fixed_offset(), kHour);
  EXPECT_EQ(TimeZone::Find("Europe/Paris")->fixed_offset(), std::nullopt);
}

TEST(TimeZone, ConsumesNamesFromText) {
  const auto english = [](std::string_view text) -> std::string {
    const auto zone = TimeZone::TakeEnglishName(&text);
    return zone ? std::to_string(zone->OffsetAt(kJuly) / kHour) + std::string(text) : "none";
  };
  EXPECT_EQ(english("KST]"), "9]");
  EXPECT_EQ(english("PDT"), "-7");
  EXPECT_EQ(english("Pacific Standard Time!"), "-7!") << "the name of the zone, not of an offset";
  EXPECT_EQ(english("Nowhere Time"), "none");
  EXPECT_EQ(english("\xed\x95\x9c"), "none");
  std::string_view text = "Europe/Paris]";
  EXPECT_TRUE(TimeZone::TakeRegion(&text));
  EXPECT_EQ(text, "]");
  text = "+09:00x";
  EXPECT_EQ(TimeZone::TakeOffset(&text)->fixed_offset(), 9 * kHour);
  EXPECT_EQ(text, "x");
}

// Clocks in Paris skip 02:00 to 03:00 on 2026-03-29 and show it twice on 2026-10-25.
TEST(TimeZone, ResolvesSkippedAndRepeatedTimes) {
  const TimeZone paris = TimeZone::Find("Europe/Paris").value();
  constexpr int64_t kSpring = 1'774'742'400'000, kAutumn = 1'792'886'400'000;  // midnight of the two days
  EXPECT_EQ(paris.ToTime(kSpring + kHourMillis).value, kSpring);
  EXPECT_EQ(paris.ToTime(kSpring + 2 * kHourMillis + 1).value, kSpring + kHourMillis + 1)
      << "02:00 does not exist and is read as 03:00";
  EXPECT_EQ(paris.ToTime(kSpring + 3 * kHourMillis).value, kSpring + kHourMillis);
  EXPECT_EQ(paris.ToTime(kAutumn + 2 * kHourMillis).value, kAutumn) << "the first 02:00";
  EXPECT_EQ(paris.ToTime(kAutumn + 2 * kHourMillis, kHour).value, kAutumn + kHourMillis) << "the second";
  EXPECT_EQ(paris.ToTime(kAutumn + 4 * kHourMillis).value, kAutumn + 3 * kHourMillis);
}

}  // namespace
}  // namespace trine::format
