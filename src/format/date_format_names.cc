#include "format/date_format_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace trine::format {
namespace {

// Parts that several formats share. STRICT requires all digits; LENIENT accepts fewer. Formats with a
// fraction read 1 to 9 digits and print milliseconds.
#define STRICT_DATE "uuuu[-MM[-dd]]"
#define LENIENT_DATE "u{1,5}[-M{1,2}[-d{1,2}]]"
#define FRACTION "[.S{1,9}][,S{1,9}]"
#define STRICT_TIME "HH:mm:ss.S{1,9}X"
#define STRICT_TIME_NO_MILLIS "HH:mm:ssX"
#define LENIENT_TIME "H{1,2}:m{1,2}:s{1,2}.S{1,9}X"
#define LENIENT_TIME_NO_MILLIS "H{1,2}:m{1,2}:s{1,2}X"
#define BASIC_TIME "HHmmss.S{1,9}X"
#define BASIC_TIME_NO_MILLIS "HHmmssX"
#define STRICT_WEEK_DATE "YYYY-'W'ww-e"
#define LENIENT_WEEK_DATE "YYYY-'W'w{1,2}-e"
#define PRINTED_TIME "HH:mm:ss.SSSX"
#define PRINTED_DATE_TIME "uuuu-MM-dd'T'HH:mm:ss.SSSX"

constexpr auto kFormats = std::to_array<NamedDateFormat>({
    {"iso8601", STRICT_DATE "['T'[HH[:mm[:ss" FRACTION "]]]][X]", PRINTED_DATE_TIME},
    {"rfc3339_lenient", STRICT_DATE "['T'H{1,2}:m{1,2}[:s{1,2}" FRACTION "][X]]", PRINTED_DATE_TIME},
    {"date_optional_time", LENIENT_DATE "['T'[H{1,2}[:m{1,2}[:s{1,2}]" FRACTION "][X]]]", PRINTED_DATE_TIME},
    {"strict_date_optional_time", STRICT_DATE "['T'[HH[:mm[:ss" FRACTION "]][X]]]", PRINTED_DATE_TIME},
    {"strict_date_optional_time_nanos", STRICT_DATE "['T'[HH[:mm[:ss" FRACTION "]][X]]]", PRINTED_DATE_TIME},

    {"basic_date", "u{1,4}M{1,2}d{1,2}", "uuuuMMdd"},
    {"basic_date_time", "uuuuMMdd'T'" BASIC_TIME, "uuuuMMdd'T'HHmmss.SSSX"},
    {"basic_date_time_no_millis", "uuuuMMdd'T'" BASIC_TIME_NO_MILLIS, "uuuuMMdd'T'HHmmssX"},
    {"basic_ordinal_date", "uuuuDDD", "uuuuDDD"},
    {"basic_ordinal_date_time", "uuuuDDD'T'" BASIC_TIME, "uuuuDDD'T'HHmmss.SSSX"},
    {"basic_ordinal_date_time_no_millis", "uuuuDDD'T'" BASIC_TIME_NO_MILLIS, "uuuuDDD'T'HHmmssX"},
    {"basic_time", BASIC_TIME, "HHmmss.SSSX"},
    {"basic_time_no_millis", BASIC_TIME_NO_MILLIS, "HHmmssX"},
    {"basic_t_time", "'T'" BASIC_TIME, "'T'HHmmss.SSSX"},
    {"basic_t_time_no_millis", "'T'" BASIC_TIME_NO_MILLIS, "'T'HHmmssX"},
    {"basic_week_date", "Y{1,9}'W'w{1,2}e", "YYYY'W'wwe"},
    {"basic_week_date_time", "Y{1,9}'W'w{1,2}e'T'" BASIC_TIME, "YYYY'W'wwe'T'HHmmss.SSSX"},
    {"basic_week_date_time_no_millis", "Y{1,9}'W'w{1,2}e'T'" BASIC_TIME_NO_MILLIS, "YYYY'W'wwe'T'HHmmssX"},
    {"strict_basic_week_date", "YYYY'W'w{1,2}e", "YYYY'W'wwe"},
    {"strict_basic_week_date_time", "YYYY'W'w{1,2}e'T'" BASIC_TIME, "YYYY'W'wwe'T'HHmmss.SSSX"},
    {"strict_basic_week_date_time_no_millis", "YYYY'W'w{1,2}e'T'" BASIC_TIME_NO_MILLIS,
     "YYYY'W'wwe'T'HHmmssX"},

    {"date", LENIENT_DATE, "uuuu-MM-dd"},
    {"strict_date", "uuuu-MM-dd", "uuuu-MM-dd"},
    {"date_hour", LENIENT_DATE "'T'H{1,2}", "uuuu-MM-dd'T'HH"},
    {"strict_date_hour", "uuuu-MM-dd'T'HH", "uuuu-MM-dd'T'HH"},
    {"date_hour_minute", LENIENT_DATE "'T'H{1,2}:m{1,2}", "uuuu-MM-dd'T'HH:mm"},
    {"strict_date_hour_minute", "uuuu-MM-dd'T'HH:mm", "uuuu-MM-dd'T'HH:mm"},
    {"date_hour_minute_second", LENIENT_DATE "'T'H{1,2}:m{1,2}:s{1,2}", "uuuu-MM-dd'T'HH:mm:ss"},
    {"strict_date_hour_minute_second", "uuuu-MM-dd'T'HH:mm:ss", "uuuu-MM-dd'T'HH:mm:ss"},
    {"date_hour_minute_second_fraction", LENIENT_DATE "'T'H{1,2}:m{1,2}:s{1,2}.S{1,9}",
     "uuuu-MM-dd'T'HH:mm:ss.SSS"},
    {"strict_date_hour_minute_second_fraction", STRICT_DATE "'T'HH:mm:ss.S{1,9}",
     "uuuu-MM-dd'T'HH:mm:ss.SSS"},
    {"date_hour_minute_second_millis", LENIENT_DATE "'T'H{1,2}:m{1,2}:s{1,2}.S{1,3}",
     "uuuu-MM-dd'T'HH:mm:ss.SSS"},
    {"strict_date_hour_minute_second_millis", STRICT_DATE "'T'HH:mm:ss.S{1,9}", "uuuu-MM-dd'T'HH:mm:ss.SSS"},
    {"date_time", LENIENT_DATE "'T'H{1,2}:m{1,2}[:s{1,2}[.S{1,9}]]X", PRINTED_DATE_TIME},
    {"strict_date_time", STRICT_DATE "'T'HH:mm:ss[.S{1,9}]X", PRINTED_DATE_TIME},
    {"date_time_no_millis", LENIENT_DATE "'T'H{1,2}:m{1,2}[:s{1,2}][X]", "uuuu-MM-dd'T'HH:mm:ssX"},
    {"strict_date_time_no_millis", STRICT_DATE "'T'HH:mm:ssX", "uuuu-MM-dd'T'HH:mm:ssX"},

    {"hour", "H{1,2}", "HH"},
    {"strict_hour", "HH", "HH"},
    {"hour_minute", "H{1,2}:m{1,2}", "HH:mm"},
    {"strict_hour_minute", "HH:mm", "HH:mm"},
    {"hour_minute_second", "H{1,2}:m{1,2}:s{1,2}", "HH:mm:ss"},
    {"strict_hour_minute_second", "HH:mm:ss", "HH:mm:ss"},
    {"hour_minute_second_fraction", "H{1,2}:m{1,2}:s{1,2}.S{1,9}", "HH:mm:ss.SSS"},
    {"strict_hour_minute_second_fraction", "HH:mm:ss.S{1,9}", "HH:mm:ss.SSS"},
    {"hour_minute_second_millis", "H{1,2}:m{1,2}:s{1,2}.S{1,3}", "HH:mm:ss.SSS"},
    {"strict_hour_minute_second_millis", "HH:mm:ss.S{1,9}", "HH:mm:ss.SSS"},
    {"time", LENIENT_TIME, PRINTED_TIME},
    {"strict_time", STRICT_TIME, PRINTED_TIME},
    {"time_no_millis", LENIENT_TIME_NO_MILLIS, "HH:mm:ssX"},
    {"strict_time_no_millis", STRICT_TIME_NO_MILLIS, "HH:mm:ssX"},
    {"t_time", "'T'" LENIENT_TIME, "'T'" PRINTED_TIME},
    {"strict_t_time", "'T'" STRICT_TIME, "'T'" PRINTED_TIME},
    {"t_time_no_millis", "'T'" LENIENT_TIME_NO_MILLIS, "'T'HH:mm:ssX"},
    {"strict_t_time_no_millis", "'T'" STRICT_TIME_NO_MILLIS, "'T'HH:mm:ssX"},

    {"ordinal_date", "uuuu-D{1,3}", "uuuu-DDD"},
    {"strict_ordinal_date", "uuuu-DDD", "uuuu-DDD"},
    {"ordinal_date_time", "uuuu-D{1,3}'T'H{1,2}:m{1,2}[:s{1,2}.S{1,9}]X", "uuuu-DDD'T'" PRINTED_TIME},
    {"strict_ordinal_date_time", "uuuu-DDD'T'HH:mm[:ss.S{1,9}]X", "uuuu-DDD'T'" PRINTED_TIME},
    {"ordinal_date_time_no_millis", "uuuu-D{1,3}'T'" LENIENT_TIME_NO_MILLIS, "uuuu-DDD'T'HH:mm:ssX"},
    {"strict_ordinal_date_time_no_millis", "uuuu-DDD'T'" STRICT_TIME_NO_MILLIS, "uuuu-DDD'T'HH:mm:ssX"},

    {"week_date", LENIENT_WEEK_DATE, STRICT_WEEK_DATE},
    {"strict_week_date", STRICT_WEEK_DATE, STRICT_WEEK_DATE},
    {"week_date_time", LENIENT_WEEK_DATE "'T'" LENIENT_TIME, STRICT_WEEK_DATE "'T'" PRINTED_TIME},
    {"strict_week_date_time", STRICT_WEEK_DATE "'T'" STRICT_TIME, STRICT_WEEK_DATE "'T'" PRINTED_TIME},
    {"week_date_time_no_millis", LENIENT_WEEK_DATE "'T'" LENIENT_TIME_NO_MILLIS,
     STRICT_WEEK_DATE "'T'HH:mm:ssX"},
    {"strict_week_date_time_no_millis", STRICT_WEEK_DATE "'T'" STRICT_TIME_NO_MILLIS,
     STRICT_WEEK_DATE "'T'HH:mm:ssX"},
    {"weekyear", "Y", "Y"},
    {"week_year", "Y", "Y"},
    {"strict_weekyear", "YYYY", "YYYY"},
    {"weekyear_week", "Y-'W'w", "YYYY-'W'ww"},
    {"strict_weekyear_week", "YYYY-'W'ww", "YYYY-'W'ww"},
    {"weekyear_week_day", "Y-'W'w-e", STRICT_WEEK_DATE},
    {"strict_weekyear_week_day", STRICT_WEEK_DATE, STRICT_WEEK_DATE},

    {"year", "u", "u"},
    {"strict_year", "uuuu", "uuuu"},
    {"year_month", "u-M", "uuuu-MM"},
    {"strict_year_month", "uuuu-MM", "uuuu-MM"},
    {"year_month_day", "u-M-d", "uuuu-MM-dd"},
    {"strict_year_month_day", STRICT_DATE, "uuuu-MM-dd"},
});

#undef STRICT_DATE
#undef LENIENT_DATE
#undef FRACTION
#undef STRICT_TIME
#undef STRICT_TIME_NO_MILLIS
#undef LENIENT_TIME
#undef LENIENT_TIME_NO_MILLIS
#undef BASIC_TIME
#undef BASIC_TIME_NO_MILLIS
#undef STRICT_WEEK_DATE
#undef LENIENT_WEEK_DATE
#undef PRINTED_TIME
#undef PRINTED_DATE_TIME

// "strictDateOptionalTime" as "strict_date_optional_time".
std::string SnakeCase(std::string_view name) {
  std::string snake;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') snake += '_';
    snake += ToLowerAscii(c);
  }
  return snake;
}

}  // namespace

std::span<const NamedDateFormat> NamedDateFormats() { return kFormats; }

const NamedDateFormat* FindNamedDateFormat(std::string_view name) {
  const bool camel = name.find('_') == std::string_view::npos;
  const std::string snake = camel ? SnakeCase(name) : std::string(name);
  const auto* at = std::find_if(kFormats.begin(), kFormats.end(),
                                [&](const NamedDateFormat& format) { return format.name == snake; });
  return at == kFormats.end() ? nullptr : at;
}

}  // namespace trine::format
