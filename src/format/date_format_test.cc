#include "format/date_format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/date_format_names.h"

namespace trine::format {
namespace {

struct Case {
  const char* format;
  const char* text;
  std::optional<int64_t> millis;
};

DateFormat Compiled(std::string_view format) {
  Result<DateFormat> compiled = DateFormat::Compile(format);
  EXPECT_TRUE(compiled.ok()) << format << ": " << compiled.error().ToString();
  return compiled.ok() ? std::move(compiled).value() : DateFormat();
}

// The values are those of OpenSearch 3.1, which OpenSearch computes with java.time.
TEST(DateFormat, ParsesOnlyTextInItsFormat) {
  const Case cases[] = {
      {"", "2026-11-22", 1'795'305'600'000},
      {"", "2026-11-22T01:02:03.004Z", 1'795'309'323'004},
      {"", "2026-11-22T01:02:03,5+09:00", 1'795'276'923'500},
      {"", "2026-11-22T01:02:03.123456789Z", 1'795'309'323'123},
      {"", "2026-11-22T01+0900", 1'795'276'800'000},
      {"", "2026-11", 1'793'491'200'000},
      {"", "2026", 1'767'225'600'000},
      {"", "1700000000000", 1'700'000'000'000},
      {"", "-1", -1},
      {"", "1700000000000.9", 1'700'000'000'000},
      {"", "2026-11-22 01:02", std::nullopt},
      {"", "2026-1-2", std::nullopt},
      {"", "2026-13-01", std::nullopt},
      {"", "2026-02-30", std::nullopt},
      {"", "2024-02-29", 1'709'164'800'000},
      {"", "2026-11-22T25:00", std::nullopt},
      {"", "", std::nullopt},
      {"", "오늘", std::nullopt},
      {"", "12345-01-01", std::nullopt},
      {"iso8601", "2026-11-22T01:02:03.04Z", 1'795'309'323'040},
      {"rfc3339_lenient", "2026-11-22T01:02:03.04Z", 1'795'309'323'040},
      {"rfc3339_lenient", "2026-11-22T01:02+09:00", 1'795'276'920'000},
      {"rfc3339_lenient", "2026-11", 1'793'491'200'000},
      {"date_optional_time", "2026-1-2", 1'767'312'000'000},
      {"date_optional_time", "2026-1-2T3:4:5.6Z", 1'767'323'045'600},
      {"strict_date_optional_time_nanos", "2026-11-22T01:02:03.040000001Z", 1'795'309'323'040},
      {"basic_date", "20261122", 1'795'305'600'000},
      {"basic_date_time", "20261122T010203.04Z", 1'795'309'323'040},
      {"basic_date_time_no_millis", "20261122T010203+0900", 1'795'276'923'000},
      {"basic_ordinal_date", "2026326", 1'795'305'600'000},
      {"basic_ordinal_date_time", "2026326T010203.04Z", 1'795'309'323'040},
      {"basic_ordinal_date_time_no_millis", "2026326T010203Z", 1'795'309'323'000},
      {"basic_time", "010203.04Z", 3'723'040},
      {"basic_time_no_millis", "010203+0100", 123'000},
      {"basic_t_time", "T010203.04Z", 3'723'040},
      {"basic_t_time_no_millis", "T010203Z", 3'723'000},
      {"basic_week_date", "2026W477", 1'795'305'600'000},
      {"basic_week_date", "2026W47", std::nullopt},
      {"basic_week_date_time", "2026W477T010203.04Z", 1'795'309'323'040},
      {"basic_week_date_time_no_millis", "2026W477T010203Z", 1'795'309'323'000},
      {"strict_basic_week_date", "2026W477", 1'795'305'600'000},
      {"strict_basic_week_date_time", "2026W477T010203.04Z", 1'795'309'323'040},
      {"strict_basic_week_date_time_no_millis", "2026W477T010203Z", 1'795'309'323'000},
      {"date", "2026-11-22", 1'795'305'600'000},
      {"date", "2026-1-2", 1'767'312'000'000},
      {"strict_date", "2026-11-22", 1'795'305'600'000},
      {"strict_date", "2026-1-2", std::nullopt},
      {"date_hour", "2026-11-22T1", 1'795'309'200'000},
      {"strict_date_hour", "2026-11-22T01", 1'795'309'200'000},
      {"strict_date_hour", "2026-11-22T1", std::nullopt},
      {"date_hour_minute", "2026-11-22T1:2", 1'795'309'320'000},
      {"strict_date_hour_minute", "2026-11-22T01:02", 1'795'309'320'000},
      {"date_hour_minute_second", "2026-11-22T1:2:3", 1'795'309'323'000},
      {"strict_date_hour_minute_second", "2026-11-22T01:02:03", 1'795'309'323'000},
      {"date_hour_minute_second_fraction", "2026-11-22T1:2:3.040000", 1'795'309'323'040},
      {"strict_date_hour_minute_second_fraction", "2026-11-22T01:02:03.04", 1'795'309'323'040},
      {"date_hour_minute_second_millis", "2026-11-22T1:2:3.04", 1'795'309'323'040},
      {"date_hour_minute_second_millis", "2026-11-22T1:2:3.0400", std::nullopt},
      {"strict_date_hour_minute_second_millis", "2026-11-22T01:02:03.040", 1'795'309'323'040},
      {"date_time", "2026-11-22T1:2:3.04Z", 1'795'309'323'040},
      {"strict_date_time", "2026-11-22T01:02:03.04Z", 1'795'309'323'040},
      {"strict_date_time", "2026-11-22T01:02:03.04", std::nullopt},
      {"date_time_no_millis", "2026-11-22T1:2:3Z", 1'795'309'323'000},
      {"strict_date_time_no_millis", "2026-11-22T01:02:03Z", 1'795'309'323'000},
      {"hour", "1", 3'600'000},
      {"strict_hour", "01", 3'600'000},
      {"hour_minute", "1:2", 3'720'000},
      {"strict_hour_minute", "01:02", 3'720'000},
      {"hour_minute_second", "1:2:3", 3'723'000},
      {"strict_hour_minute_second", "01:02:03", 3'723'000},
      {"hour_minute_second_fraction", "1:2:3.04", 3'723'040},
      {"strict_hour_minute_second_fraction", "01:02:03.04", 3'723'040},
      {"hour_minute_second_millis", "1:2:3.04", 3'723'040},
      {"strict_hour_minute_second_millis", "01:02:03.040", 3'723'040},
      {"time", "1:2:3.04Z", 3'723'040},
      {"strict_time", "01:02:03.04Z", 3'723'040},
      {"time_no_millis", "1:2:3Z", 3'723'000},
      {"strict_time_no_millis", "01:02:03Z", 3'723'000},
      {"t_time", "T1:2:3.04Z", 3'723'040},
      {"strict_t_time", "T01:02:03.04Z", 3'723'040},
      {"t_time_no_millis", "T1:2:3Z", 3'723'000},
      {"strict_t_time_no_millis", "T01:02:03Z", 3'723'000},
      {"ordinal_date", "2026-326", 1'795'305'600'000},
      {"ordinal_date", "2026-2", 1'767'312'000'000},
      {"ordinal_date", "2026-366", std::nullopt},
      {"strict_ordinal_date", "2026-326", 1'795'305'600'000},
      {"ordinal_date_time", "2026-326T1:2:3.04Z", 1'795'309'323'040},
      {"strict_ordinal_date_time", "2026-326T01:02:03.04Z", 1'795'309'323'040},
      {"ordinal_date_time_no_millis", "2026-326T1:2:3Z", 1'795'309'323'000},
      {"strict_ordinal_date_time_no_millis", "2026-326T01:02:03Z", 1'795'309'323'000},
      {"week_date", "2026-W47-7", 1'795'305'600'000},
      {"week_date", "2026-W1-1", 1'766'966'400'000},
      {"strict_week_date", "2026-W47-7", 1'795'305'600'000},
      {"strict_week_date", "2026-W1-1", std::nullopt},
      {"strict_week_date", "2026-W54-1", std::nullopt},
      {"strict_week_date", "2025-W53-1", std::nullopt},
      {"strict_week_date", "2026-W53-1", 1'798'416'000'000},
      {"week_date_time", "2026-W47-7T1:2:3.04Z", 1'795'309'323'040},
      {"strict_week_date_time", "2026-W47-7T01:02:03.04Z", 1'795'309'323'040},
      {"week_date_time_no_millis", "2026-W47-7T1:2:3Z", 1'795'309'323'000},
      {"strict_week_date_time_no_millis", "2026-W47-7T01:02:03Z", 1'795'309'323'000},
      {"weekyear", "2026", 1'766'966'400'000},
      {"week_year", "2026", 1'766'966'400'000},
      {"strict_weekyear", "2026", 1'766'966'400'000},
      {"weekyear_week", "2026-W47", 1'794'787'200'000},
      {"strict_weekyear_week", "2026-W47", 1'794'787'200'000},
      {"weekyear_week_day", "2026-W47-7", 1'795'305'600'000},
      {"strict_weekyear_week_day", "2026-W47-7", 1'795'305'600'000},
      {"year", "2026", 1'767'225'600'000},
      {"strict_year", "2026", 1'767'225'600'000},
      {"strict_year", "26", std::nullopt},
      {"year_month", "2026-1", 1'767'225'600'000},
      {"strict_year_month", "2026-11", 1'793'491'200'000},
      {"year_month_day", "2026-1-2", 1'767'312'000'000},
      {"strict_year_month_day", "2026-11-22", 1'795'305'600'000},
      {"strictDateOptionalTime", "2026-11-22", 1'795'305'600'000},
      {"basicTTimeNoMillis", "T010203Z", 3'723'000},
      {"dateTime", "2026-11-22T1:2:3.04Z", 1'795'309'323'040},
      {"epoch_second", "1700000000", 1'700'000'000'000},
      {"epoch_second", "1700000000.5", 1'700'000'000'500},
      {"epoch_second", "-1.5", -1'500},
      {"epoch_second", "99999999999999999999", std::nullopt},
      {"epoch_millis", "-1.5", -2},
      {"epoch_millis", "+1", std::nullopt},
      {"epoch_millis", "abc", std::nullopt},
      {"yyyy-MM-dd || epoch_millis", "2026-11-22", 1'795'305'600'000},
      {" yyyy-MM-dd || epoch_millis ", "1700000000000", 1'700'000'000'000},
      {"yyyy-MM-dd HH:mm:ss", "2026-11-22 01:02:03", 1'795'309'323'000},
      {"yyyy-MM-dd HH:mm:ss", "2026-11-22", std::nullopt},
      {"yyyy.MM.dd||yyyyMMdd", "20261122", 1'795'305'600'000},
      {"yyyyMMddHHmmssSSS", "20261122010203040", 1'795'309'323'040},
      {"yyyy년 M월 d일", "2026년 11월 22일", 1'795'305'600'000},
      {"yyyy-MM-dd['T'HH:mm]", "2026-11-22T00:01", 1'795'305'660'000},
      {"yyyy-MM-dd['T'HH:mm]", "2026-11-22T00", std::nullopt},
      {"yyyy[-MM", "2026-11", 1'793'491'200'000},
      {"dd MMM yyyy", "22 Nov 2026", 1'795'305'600'000},
      {"dd MMM yyyy", "22 nov 2026", std::nullopt},
      {"d MMMM uuuu", "2 January 2026", 1'767'312'000'000},
      {"EEE MMM dd HH:mm:ss Z yyyy", "Sun Nov 22 01:02:03 +0900 2026", 1'795'276'923'000},
      {"EEE, d MMM uuuu", "Mon, 22 Nov 2026", std::nullopt},
      {"EEEE d MMM uuuu", "Sunday 22 Nov 2026", 1'795'305'600'000},
      {"yyyy-MM-dd hh:mm a", "2026-11-22 01:02 PM", 1'795'352'520'000},
      {"yyyy-MM-dd hh:mm a", "2026-11-22 12:02 AM", 1'795'305'720'000},
      {"yyyy-MM-dd hh:mm a", "2026-11-22 13:02 PM", std::nullopt},
      {"yyyy-MM-dd hh:mm", "2026-11-22 01:02", 1'795'305'600'000},
      {"K:mm a", "0:30 PM", 45'000'000},
      {"kk:mm", "24:05", 300'000},
      {"HH", "24", std::nullopt},
      {"HH:mm", "24:00", std::nullopt},
      {"", "2026-11-22T24:00", std::nullopt},
      {"epoch_millis", "1.123456", 1},
      {"epoch_millis", "1.1234567", std::nullopt},
      {"epoch_millis", "1.", 1},
      {"epoch_millis", ".5", std::nullopt},
      {"epoch_millis", "1e3", std::nullopt},
      {"epoch_second", "1.123456789", 1'123},
      {"epoch_second", "1e3", std::nullopt},
      {"yyyy", "-2026", std::nullopt},
      {"yyyyMMdd", "00000101", std::nullopt},
      {"YYYYMMDD", "20240305", std::nullopt},
      {"yyyyMMDD", "20240305", std::nullopt},
      {"yyyyMMd", "20240305", std::nullopt},
      {"yyyyDDD", "2024065", 1'709'596'800'000},
      {"YYYY-MM-dd", "2026-11-22", 1'766'966'400'000},
      {"YYYY-'W'ww-e", "2026-W47-7", 1'795'305'600'000},
      {"yy/MM/dd", "26/11/22", 1'795'305'600'000},
      {"uuuu-DDD", "2026-326", 1'795'305'600'000},
      {"uuuu-DDD", "2024-366", 1'735'603'200'000},
      {"yyyy-MM-dd G", "2026-11-22 AD", 1'795'305'600'000},
      {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-11-22T01:02:03.040+09:00", 1'795'276'923'040},
      {"yyyy-MM-dd HH:mm z", "2026-11-22 01:02 UTC", 1'795'309'320'000},
      {"yyyy-MM-dd HH:mm O", "2026-11-22 01:02 GMT+9", 1'795'276'920'000},
      {"uuuu-MM-dd A", "2026-11-22 3723040", 1'795'309'323'040},
      {"g", "61366", 1'795'305'600'000},
      {"MM-dd", "11-22", 28'080'000'000},
      {"dd", "22", std::nullopt},
      {"mm:ss", "02:03", std::nullopt},
      {"QQQ uuuu", "Q4 2026", 1'767'225'600'000},
      {"''yyyy''", "'2026'", 1'767'225'600'000},
      {"yyyy 'o''clock'", "2026 o'clock", 1'767'225'600'000},
      {"ppH:mm", " 1:02", 3'720'000},
      {"yyyy-MM-dd yyyy", "2026-11-22 2025", std::nullopt},
      {"uuuu-MM-dd", "+12026-11-22", 317'364'825'600'000},
      {"uuuu-MM-dd", "12026-11-22", std::nullopt},
      {"uuuu-MM-dd", "-0001-01-01", -62'198'755'200'000},
  };
  for (const Case& c : cases) {
    const std::optional<Millis> time = Compiled(c.format).Parse(c.text);
    EXPECT_EQ(time.has_value(), c.millis.has_value()) << c.format << " | " << c.text;
    if (time && c.millis) {
      EXPECT_EQ(time->value, *c.millis) << c.format << " | " << c.text;
    }
  }
}

TEST(DateFormat, ParsesWhatEveryNamedFormatPrints) {
  constexpr Millis kTime{1'795'309'323'004};  // 2026-11-22T01:02:03.004Z
  for (const NamedDateFormat& named : NamedDateFormats()) {
    const DateFormat format = Compiled(named.name);
    const std::string text = format.Print(kTime);
    const std::optional<Millis> time = format.Parse(text);
    ASSERT_TRUE(time.has_value()) << named.name << " | " << text;
    EXPECT_EQ(format.Print(*time), text) << named.name;
  }
}

RC_GTEST_PROP(DateFormat, PrintsAndParsesTheSameTime, ()) {
  static const DateFormat kFormats[] = {
      Compiled("strict_date_optional_time"),
      Compiled("basic_date_time"),
      Compiled("strict_week_date_time"),
      Compiled("basic_week_date_time"),
      Compiled("strict_ordinal_date_time"),
      Compiled("epoch_millis"),
      Compiled("epoch_second"),
      Compiled("EEEE, d MMMM uuuu hh:mm:ss.SSS a XXX"),
      Compiled("yyyyMMddHHmmssSSS"),
      Compiled("MMM/ppd/uuuu kk:mm:ss.SSS Z"),
      Compiled("uuuu D A"),
      Compiled("YYYY-'W'ww-EEE K:mm:ss.SSS a"),
  };
  // From the year 1000 to the year 9999.
  const Millis time{*rc::gen::inRange<int64_t>(-30'610'224'000'000, 253'402'300'800'000)};
  for (const DateFormat& format : kFormats) {
    const std::string text = format.Print(time);
    const std::optional<Millis> back = format.Parse(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->value == time.value);
  }
}

RC_GTEST_PROP(DateFormat, ParsesOrRejectsArbitraryText, (const std::string& text)) {
  static const DateFormat kFormat =
      Compiled("date_optional_time||basic_week_date_time||yyyy[MM][dd][HH][mm]");
  static_cast<void>(kFormat.Parse(text));
  static_cast<void>(DateFormat::Compile(text).ok());
}

TEST(DateFormat, PrintsPatterns) {
  constexpr Millis kTime{1'795'309'323'004};
  EXPECT_EQ(Compiled("EEE MMM dd HH:mm:ss Z yyyy").Print(kTime), "Sun Nov 22 01:02:03 +0000 2026");
  EXPECT_EQ(Compiled("EEEE, d MMMM yy h:mm a").Print(kTime), "Sunday, 22 November 26 1:02 AM");
  EXPECT_EQ(Compiled("QQQ QQQQ D ww W e kk K ppppH VV").Print(kTime),
            "Q4 4th quarter 326 47 3 7 01 1    1 UTC");
  EXPECT_EQ(Compiled("epoch_second").Print(kTime), "1795309323.004");
  EXPECT_EQ(Compiled("epoch_second").Print(Millis{-1500}), "-1.5");
}

TEST(DateFormat, ReadsNamesOfZones) {
  const auto parse = [](const char* format, const char* text) {
    const std::optional<Millis> time = Compiled(format).Parse(text);
    return time ? Compiled("strict_date_optional_time").Print(*time) : "none";
  };
  EXPECT_EQ(parse("yyyy-MM-dd HH:mm VV", "2026-07-01 00:00 Europe/Paris"), "2026-06-30T22:00:00.000Z");
  EXPECT_EQ(parse("yyyy-MM-dd HH:mm VV", "2026-01-01 00:00 Europe/Paris"), "2025-12-31T23:00:00.000Z");
  EXPECT_EQ(parse("yyyy-MM-dd HH:mm VV", "2026-01-01 00:00 +09:00"), "2025-12-31T15:00:00.000Z");
  EXPECT_EQ(parse("yyyy-MM-dd HH:mm VV", "2026-01-01 00:00 Mars/Olympus"), "none");
  EXPECT_EQ(parse("yyyy-MM-dd'T'HH:mmXXX'['VV']'", "2026-10-25T02:30+01:00[Europe/Paris]"),
            "2026-10-25T01:30:00.000Z")
      << "the offset tells which of the two";
  EXPECT_EQ(parse("EEE, dd MMM yyyy HH:mm:ss z", "Sun, 22 Nov 2026 10:00:00 KST"),
            "2026-11-22T01:00:00.000Z");
  EXPECT_EQ(parse("EEE, dd MMM yyyy HH:mm:ss z", "Sun, 22 Nov 2026 10:00:00 GMT"),
            "2026-11-22T10:00:00.000Z");
  EXPECT_EQ(parse("yyyy-MM-dd HH:mm zzzz", "2026-07-01 00:00 Pacific Daylight Time"),
            "2026-07-01T07:00:00.000Z");
  EXPECT_EQ(parse("yyyy-MM-dd HH:mm Z", "2026-07-01 00:00 Europe/Paris"), "none") << "Z is an offset";
  EXPECT_EQ(parse("yyyy-MM-dd VV z", "2026-07-01 Europe/Paris Asia/Seoul"), "none") << "two zones";
}

TEST(DateFormat, ReadsPartsOfTheDay) {
  EXPECT_EQ(Compiled("yyyy-MM-dd h:mm B").Parse("2026-11-22 1:02 PM")->value,
            Compiled("yyyy-MM-dd HH:mm").Parse("2026-11-22 13:02")->value);
  EXPECT_FALSE(Compiled("yyyy-MM-dd h:mm BBBB").Parse("2026-11-22 1:02 noon"));
}

TEST(DateFormat, RejectsDaysBeyond64BitsOfMilliseconds) {
  EXPECT_FALSE(Compiled("g").Parse("999999999999999999"));
}

TEST(DateFormat, RoundsMissingPartsUp) {
  const DateDefaults up{.zone = {}, .round_up = true};
  const auto parse = [&](const char* format, const char* text) {
    const std::optional<Millis> time = Compiled(format).Parse(text, up);
    return time ? Compiled("strict_date_optional_time").Print(*time) : "none";
  };
  EXPECT_EQ(parse("", "2026-11-22"), "2026-11-22T23:59:59.999Z");
  EXPECT_EQ(parse("", "2026-11"), "2026-11-01T23:59:59.999Z");
  EXPECT_EQ(parse("", "2026-11-22T10:05"), "2026-11-22T10:05:59.999Z");
  EXPECT_EQ(parse("weekyear_week", "2026-W47"), "2026-11-16T23:59:59.999Z");
  EXPECT_EQ(parse("dd MMM yyyy hh a", "22 Nov 2026 01 PM"), "2026-11-22T13:59:59.999Z");
  EXPECT_EQ(parse("HH:mm", "24:00"), "none");
}

TEST(DateFormat, AssumesTheGivenOffset) {
  const DateDefaults seoul{.zone = TimeZone::AtOffset(9 * 3600), .round_up = false};
  const int64_t day = 1'795'305'600'000;  // 2026-11-22
  EXPECT_EQ(Compiled("").Parse("2026-11-22", seoul)->value, day - 540 * 60'000);
  EXPECT_EQ(Compiled("").Parse("2026-11-22T00:00:00Z", seoul)->value, day);
}

TEST(DateFormat, RejectsInvalidFormats) {
  const std::pair<const char*, const char*> cases[] = {
      {"yyyy-foo", "Unknown pattern letter: f"},
      {"yyyy-MMMMMM", "Too many pattern letters: M"},
      {"ddd", "Too many pattern letters: d"},
      {"SSSSSSSSSS", "Too many pattern letters: S"},
      {"aa", "Too many pattern letters: a"},
      {"BB", "Wrong number of pattern letters: B"},
      {"V", "Pattern letter count must be 2: V"},
      {"OO", "Pattern letter count must be 1 or 4: O"},
      {"cc", "Invalid pattern \"cc\""},
      {"yyyy]", "Pattern invalid as it contains ] without previous ["},
      {"'open", "Pattern ends with an incomplete string literal: 'open"},
      {"yyyy{1,2}", "Pattern includes reserved character: '{'"},
      {"yyyy#", "Pattern includes reserved character: '#'"},
      {"p", "Pad letter 'p' must be followed by valid pad pattern: p"},
      {"||", "Cannot have empty element in multi date format pattern: ||"},
      {"yyyy||", "Cannot have empty element in multi date format pattern: yyyy||"},
      {"yyyy|| ", "No date pattern provided"},
      {" ", "No date pattern provided"},
      {"no_such_format", "Unknown pattern letter: o"},
  };
  for (const auto& [format, problem] : cases) {
    const Result<DateFormat> compiled = DateFormat::Compile(format);
    ASSERT_FALSE(compiled.ok()) << format;
    EXPECT_EQ(compiled.error().code, ErrorCode::kDateFormat);
    EXPECT_EQ(compiled.error().DetailOf("problem"), problem) << format;
  }
}

TEST(DateFormat, BoundsTheWorkForOneValue) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "[yyyy]";
  EXPECT_FALSE(Compiled(pattern).Parse(std::string(201, '1')).has_value());
}

}  // namespace
}  // namespace trine::format
