// DateFields: the parts of a date as a format names them (year, week, clock hour ...), and how they combine
// to a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "format/time_zone.h"

namespace trine::format {

enum class DateField : uint8_t {
  kEra,  // 0: before Christ, 1: after
  kYear,
  kYearOfEra,
  kQuarter,
  kMonth,
  kDay,
  kDayOfYear,
  kWeekYear,  // ISO 8601: weeks begin on Monday, and week 1 has the year's first Thursday
  kWeek,
  kWeekOfMonth,
  kAlignedWeek,  // week 1 is the first seven days of the month
  kDayOfWeek,    // 1: Monday
  kJulianDay,    // modified Julian day
  kAmPm,         // 0 or 1
  kHour,         // 0 to 23
  kClockHour,    // 1 to 24
  kHalfHour,     // 0 to 11, of the half of the day
  kHalfClock,    // 1 to 12, of the half of the day
  kMinute,
  kSecond,
  kNanos,
  kMilliOfDay,
  kNanoOfDay,
  kOffset,  // seconds east of UTC
  kCount,
};

// Rules for what the text of a date leaves open.
struct DateDefaults {
  TimeZone zone;          // for dates without a zone
  bool round_up = false;  // a missing hour, minute, second or fraction is its last value, otherwise its first
};

// Value semantics. A field is absent until it is set.
class DateFields {
 public:
  // All fields of a time, in UTC.
  static DateFields Of(Millis time);

  std::optional<int64_t> Get(DateField field) const {
    if (!Has(field)) return std::nullopt;
    return values_[static_cast<size_t>(field)];
  }
  bool Has(DateField field) const { return (present_ >> static_cast<unsigned>(field) & 1) != 0; }
  void Set(DateField field, int64_t value) {
    values_[static_cast<size_t>(field)] = value;
    present_ |= uint32_t{1} << static_cast<unsigned>(field);
  }
  void Clear(DateField field) { present_ &= ~(uint32_t{1} << static_cast<unsigned>(field)); }

  // The region of a date that names one; a date with an offset as well is that of the offset.
  const std::optional<TimeZone>& zone() const { return zone_; }
  void SetZone(std::optional<TimeZone> zone) { zone_ = zone; }

  // The time that the fields denote, as OpenSearch combines them: a missing year is 1970, a missing month or
  // day is the first, a time of day alone is on 1970-01-01, a week alone is its Monday. Returns nullopt if a
  // field is out of its range, two fields contradict each other, or there is neither a date nor an hour.
  std::optional<Millis> Resolve(const DateDefaults& defaults) const;

 private:
  std::optional<int64_t> EpochDay() const;
  std::optional<int64_t> DayInYear(int64_t year) const;
  std::optional<int64_t> DayInWeekYear() const;
  std::optional<int64_t> Hour(bool* valid) const;
  std::optional<int64_t> NanoOfDay(const DateDefaults& defaults) const;

  std::array<int64_t, static_cast<size_t>(DateField::kCount)> values_ = {};
  uint32_t present_ = 0;
  std::optional<TimeZone> zone_;
};

}  // namespace trine::format
