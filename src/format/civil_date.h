// Dates of the proleptic Gregorian calendar, for years that std::chrono does not know (beyond 32767). All
// functions are valid for years within 10^9 of zero.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace trine::format {

inline constexpr int64_t kLatestYear = 292'000'000;  // milliseconds of later years do not fit 64 bits

constexpr int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

constexpr bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Requires a month from 1 to 12.
constexpr int64_t DaysInMonth(int64_t year, int64_t month) {
  constexpr std::array<int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

// Days since 1970-01-01, and back (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
constexpr int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  if (month <= 2) --year;
  const int64_t era = FloorDiv(year, 400), of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719'468;
}

struct CivilDate {
  int64_t year, month, day;
};
constexpr CivilDate CivilFromDays(int64_t days) {
  days += 719'468;
  const int64_t era = FloorDiv(days, 146'097), of_era = days - era * 146'097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t day_of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;
  CivilDate date{year + era * 400, month < 10 ? month + 3 : month - 9,
                 day_of_year - (153 * month + 2) / 5 + 1};
  if (date.month <= 2) ++date.year;
  return date;
}

}  // namespace trine::format
