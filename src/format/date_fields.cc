#include "format/date_fields.h"

#include "base/check.h"
#include "format/civil_date.h"

namespace trine::format {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kNanosPerMilli = 1'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kNanosPerDay = kSecondsPerDay * kNanosPerSecond;
constexpr int64_t kEpochInJulianDays = 40'587;
constexpr int64_t kFarthestDay = 106'000'000'000;  // milliseconds of days beyond do not fit 64 bits

int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }

int64_t DayOfWeek(int64_t epoch_day) { return FloorMod(epoch_day + 3, 7) + 1; }  // day 0 was a Thursday

// The Monday of week 1 of a week-based year.
int64_t FirstMonday(int64_t week_year) {
  const int64_t january_4 = DaysFromCivil(week_year, 1, 4);
  return january_4 - (DayOfWeek(january_4) - 1);
}

bool Between(int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; }

}  // namespace

DateFields DateFields::Of(Millis time) {
  constexpr int64_t kMillisPerDay = kSecondsPerDay * 1000;
  const int64_t day = FloorDiv(time.value, kMillisPerDay), millis = time.value - day * kMillisPerDay;
  const CivilDate civil = CivilFromDays(day);
  const int64_t hour = millis / 3'600'000, thursday = day - DayOfWeek(day) + 4;
  const int64_t week_year = CivilFromDays(thursday).year;
  DateFields f;
  f.Set(DateField::kEra, civil.year > 0 ? 1 : 0);
  f.Set(DateField::kYear, civil.year);
  f.Set(DateField::kYearOfEra, civil.year > 0 ? civil.year : 1 - civil.year);
  f.Set(DateField::kQuarter, (civil.month - 1) / 3 + 1);
  f.Set(DateField::kMonth, civil.month);
  f.Set(DateField::kDay, civil.day);
  f.Set(DateField::kDayOfYear, day - DaysFromCivil(civil.year, 1, 1) + 1);
  f.Set(DateField::kWeekYear, week_year);
  f.Set(DateField::kWeek, (day - FirstMonday(week_year)) / 7 + 1);
  f.Set(DateField::kWeekOfMonth, (civil.day + FloorMod(DayOfWeek(day - civil.day + 1) - 1 + 3, 7) + 3) / 7);
  f.Set(DateField::kAlignedWeek, (civil.day - 1) / 7 + 1);
  f.Set(DateField::kDayOfWeek, DayOfWeek(day));
  f.Set(DateField::kJulianDay, day + kEpochInJulianDays);
  f.Set(DateField::kAmPm, hour / 12);
  f.Set(DateField::kHour, hour);
  f.Set(DateField::kClockHour, hour == 0 ? 24 : hour);
  f.Set(DateField::kHalfHour, hour % 12);
  f.Set(DateField::kHalfClock, hour % 12 == 0 ? 12 : hour % 12);
  f.Set(DateField::kMinute, millis / 60'000 % 60);
  f.Set(DateField::kSecond, millis / 1000 % 60);
  f.Set(DateField::kNanos, millis % 1000 * kNanosPerMilli);
  f.Set(DateField::kMilliOfDay, millis);
  f.Set(DateField::kNanoOfDay, millis * kNanosPerMilli);
  f.Set(DateField::kOffset, 0);
  return f;
}

std::optional<int64_t> DateFields::DayInYear(int64_t year) const {
  if (!Between(year, -kLatestYear, kLatestYear)) return std::nullopt;
  const auto month = Get(DateField::kMonth), day = Get(DateField::kDay), of_year = Get(DateField::kDayOfYear);
  if (month && !Between(*month, 1, 12)) return std::nullopt;
  if (of_year && !(month && day)) {
    if (!Between(*of_year, 1, IsLeapYear(year) ? 366 : 365)) return std::nullopt;
    return DaysFromCivil(year, 1, 1) + *of_year - 1;
  }
  if (day && !Between(*day, 1, month ? DaysInMonth(year, *month) : 31)) return std::nullopt;
  return DaysFromCivil(year, month.value_or(1), month ? day.value_or(1) : 1);
}

std::optional<int64_t> DateFields::DayInWeekYear() const {
  const int64_t year = *Get(DateField::kWeekYear);
  if (!Between(year, -kLatestYear, kLatestYear)) return std::nullopt;
  const auto week = Get(DateField::kWeek), day = Get(DateField::kDayOfWeek);
  const int64_t first = FirstMonday(year), weeks = (FirstMonday(year + 1) - first) / 7;
  if (week && !Between(*week, 1, weeks)) return std::nullopt;
  if (day && !Between(*day, 1, 7)) return std::nullopt;
  return first + (week.value_or(1) - 1) * 7 + (week && day ? *day - 1 : 0);
}

std::optional<int64_t> DateFields::EpochDay() const {
  if (const auto julian = Get(DateField::kJulianDay)) {
    if (!Between(*julian, -kFarthestDay, kFarthestDay)) return std::nullopt;
    return *julian - kEpochInJulianDays;
  }
  std::optional<int64_t> year = Get(DateField::kYear);
  if (const auto of_era = Get(DateField::kYearOfEra); of_era && !year) {
    if (*of_era < 1) return std::nullopt;
    year = Get(DateField::kEra) == 0 ? 1 - *of_era : *of_era;
  }
  if (year) {
    const auto day = DayInYear(*year);
    const auto of_week = Get(DateField::kDayOfWeek);
    const bool whole = Has(DateField::kDayOfYear) || (Has(DateField::kMonth) && Has(DateField::kDay));
    // OpenSearch does not compare the day of the week with a year of an era.
    if (day && of_week && whole && Has(DateField::kYear) && DayOfWeek(*day) != *of_week) return std::nullopt;
    return day;
  }
  if (Has(DateField::kWeekYear)) return DayInWeekYear();
  if (Has(DateField::kMonth)) return DayInYear(1970);
  return std::nullopt;
}

// Sets `valid` to false if an hour is out of its range.
std::optional<int64_t> DateFields::Hour(bool* valid) const {
  const auto check = [valid](int64_t value, int64_t least, int64_t most) {
    if (!Between(value, least, most)) *valid = false;
    return value;
  };
  if (const auto hour = Get(DateField::kHour)) return check(*hour, 0, 24);
  if (const auto clock = Get(DateField::kClockHour)) return check(*clock, 1, 24) % 24;
  const auto half = Get(DateField::kAmPm);
  if (const auto hour = Get(DateField::kHalfHour)) {
    check(*hour, 0, 11);
    return half ? std::optional<int64_t>(*hour + *half * 12) : std::nullopt;
  }
  if (const auto clock = Get(DateField::kHalfClock)) {
    check(*clock, 1, 12);
    return half ? std::optional<int64_t>(*clock % 12 + *half * 12) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<int64_t> DateFields::NanoOfDay(const DateDefaults& defaults) const {
  if (const auto nano = Get(DateField::kNanoOfDay))
    return Between(*nano, 0, kNanosPerDay - 1) ? nano : std::nullopt;
  if (const auto milli = Get(DateField::kMilliOfDay)) {
    if (!Between(*milli, 0, kSecondsPerDay * 1000 - 1)) return std::nullopt;
    return *milli * kNanosPerMilli;
  }
  const bool up = defaults.round_up;
  bool valid = true;
  const auto hour = Hour(&valid);
  const int64_t minute = Get(DateField::kMinute).value_or(up ? 59 : 0);
  const int64_t second = Get(DateField::kSecond).value_or(up ? 59 : 0);
  const int64_t nanos = Get(DateField::kNanos).value_or(up ? kNanosPerSecond - 1 : 0);
  if (!valid || !Between(minute, 0, 59) || !Between(second, 0, 59) ||
      !Between(nanos, 0, kNanosPerSecond - 1)) {
    return std::nullopt;
  }
  // Without an hour, OpenSearch ignores the smaller parts.
  if (!hour) return up ? kNanosPerDay - 1 : 0;
  if (*hour == 24 && (minute != 0 || second != 0 || nanos != 0)) {
    if (!up || Has(DateField::kMinute)) return std::nullopt;
    return kNanosPerDay;
  }
  if (*hour == 24 && !up) return std::nullopt;
  return ((*hour * 60 + minute) * 60 + second) * kNanosPerSecond + nanos;
}

std::optional<Millis> DateFields::Resolve(const DateDefaults& defaults) const {
  bool valid = true;
  std::optional<int64_t> day = EpochDay();
  if (!day) {
    const bool names_a_date = Has(DateField::kYear) || Has(DateField::kYearOfEra) ||
                              Has(DateField::kWeekYear) || Has(DateField::kMonth);
    const bool names_an_hour =
        Hour(&valid).has_value() || Has(DateField::kMilliOfDay) || Has(DateField::kNanoOfDay);
    if (names_a_date || !names_an_hour) return std::nullopt;
    day = 0;
  }
  const auto nanos = NanoOfDay(defaults);
  if (!nanos) return std::nullopt;
  const int64_t local = *day * kSecondsPerDay * 1000 + FloorDiv(*nanos, kNanosPerMilli);
  if (const auto offset = Get(DateField::kOffset)) return Millis{local - *offset * 1000};
  return zone_.value_or(defaults.zone).ToTime(local);
}

}  // namespace trine::format
