#include "search/query/date_math.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/check.h"
#include "format/civil_date.h"
#include "format/date_format.h"
#include "format/text.h"

namespace trine::search {
namespace {

using format::CivilDate;
using format::CivilFromDays;
using format::DaysFromCivil;
using format::FloorDiv;

constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
// The farthest time that date math works with, some 253 million years from 1970: a sum with the largest
// amount still fits 64 bits.
constexpr int64_t kMaxMillis = 8'000'000'000'000'000'000;

// Returns nullopt outside the years that fit milliseconds in 64 bits.
std::optional<int64_t> AddMonths(int64_t local, int64_t months) {
  const int64_t day_number = FloorDiv(local, kDay);
  const CivilDate date = CivilFromDays(day_number);
  const int64_t total = date.year * 12 + date.month - 1 + months;
  const int64_t year = FloorDiv(total, 12), month = total - year * 12 + 1;
  if (year < -format::kLatestYear || year > format::kLatestYear) return std::nullopt;
  const int64_t day = std::min(date.day, format::DaysInMonth(year, month));
  return DaysFromCivil(year, month, day) * kDay + (local - day_number * kDay);
}

// Returns the start of the unit that lies `steps` units after the one that contains `local`.
std::optional<int64_t> UnitStart(char unit, int64_t local, int64_t steps) {
  TRINE_DCHECK(local >= -kMaxMillis - kDay && local <= kMaxMillis + kDay);
  const int64_t day_number = FloorDiv(local, kDay);
  const CivilDate date = CivilFromDays(day_number);
  switch (unit) {
    case 'y':
      return AddMonths(DaysFromCivil(date.year, 1, 1) * kDay, 12 * steps);
    case 'M':
      return AddMonths(DaysFromCivil(date.year, date.month, 1) * kDay, steps);
    case 'w':  // a week starts on Monday, and day 0 (1970-01-01) was a Thursday
      return (FloorDiv(day_number + 3, 7) * 7 - 3 + steps * 7) * kDay;
    case 'd':
      return (day_number + steps) * kDay;
    case 'h':
    case 'H':
      return (FloorDiv(local, kHour) + steps) * kHour;
    case 'm':
      return (FloorDiv(local, kMinute) + steps) * kMinute;
    case 's':
      return (FloorDiv(local, kSecond) + steps) * kSecond;
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> AddUnits(char unit, int64_t local, int64_t amount) {
  switch (unit) {
    case 'y':
      return AddMonths(local, amount * 12);
    case 'M':
      return AddMonths(local, amount);
    case 'w':
      return local + amount * 7 * kDay;
    case 'd':
      return local + amount * kDay;
    case 'h':
    case 'H':
      return local + amount * kHour;
    case 'm':
      return local + amount * kMinute;
    case 's':
      return local + amount * kSecond;
    default:
      return std::nullopt;
  }
}

bool IsClockUnit(char unit) { return unit == 'h' || unit == 'H' || unit == 'm' || unit == 's'; }

// Applies date math such as "+1M-3d/d" to `time`, in the time zone of `options`. Days and longer units are
// added to the local date, so that a day may have 23 hours; hours and shorter units are added to the time.
std::optional<int64_t> ApplyDateMath(std::string_view math, int64_t time, const DateOptions& options) {
  if (time > kMaxMillis || time < -kMaxMillis) return std::nullopt;
  while (!math.empty()) {
    const char op = math.front();
    math.remove_prefix(1);
    if (op != '+' && op != '-' && op != '/') return std::nullopt;
    int64_t amount = 1;
    size_t digits = 0;
    while (digits < math.size() && math[digits] >= '0' && math[digits] <= '9') ++digits;
    if (digits > 0) {
      if (digits > 9 || op == '/') return std::nullopt;
      amount = *format::ParseInt(math.substr(0, digits));
      math.remove_prefix(digits);
    }
    if (math.empty()) return std::nullopt;
    const char unit = math.front();
    math.remove_prefix(1);
    const int64_t signed_amount = op == '-' ? -amount : amount;
    const int64_t offset = options.zone.OffsetAt(Millis{time});
    const int64_t local = time + offset * kSecond;
    std::optional<int64_t> next;
    if (op != '/' && IsClockUnit(unit)) {
      next = AddUnits(unit, time, signed_amount);
    } else {
      next =
          op == '/' ? UnitStart(unit, local, options.round_up ? 1 : 0) : AddUnits(unit, local, signed_amount);
      if (next && *next <= kMaxMillis + kDay && *next >= -kMaxMillis - kDay)
        next = options.zone.ToTime(*next, offset).value;
      if (next && op == '/' && options.round_up) --*next;
    }
    if (!next || *next > kMaxMillis || *next < -kMaxMillis) return std::nullopt;
    time = *next;
  }
  return time;
}

Error InvalidDate(std::string_view text, const DateOptions& options) {
  const std::string format(options.format.empty() ? format::kDefaultDateFormat : options.format);
  return Error(ErrorCode::kDateSyntax, "cannot parse date \"" + std::string(text) + "\"")
      .Expected("a date in format " + format + " or date math")
      .Got(std::string(text))
      .Detail("format", format);
}

}  // namespace

Result<Millis> ParseDate(std::string_view text, const DateOptions& options) {
  TRINE_ASSIGN(const format::DateFormat format, format::DateFormat::Compile(options.format));
  const auto parse = [&](std::string_view date, bool round_up) -> std::optional<int64_t> {
    const std::optional<Millis> time = format.Parse(date, {options.zone, round_up});
    return time ? std::optional<int64_t>(time->value) : std::nullopt;
  };
  std::optional<int64_t> time;
  if (text.starts_with("now")) {
    time = ApplyDateMath(text.substr(3), options.now.value, options);
  } else if (const size_t bar = text.find("||"); bar != std::string_view::npos) {
    time = parse(text.substr(0, bar), false);
    if (time) time = ApplyDateMath(text.substr(bar + 2), *time, options);
  } else {
    time = parse(text, options.round_up);
  }
  if (!time) return InvalidDate(text, options);
  return Millis{*time};
}

Result<Millis> ParseDateValue(const format::Json& value, const DateOptions& options) {
  if (value.is_string()) return ParseDate(value.string(), options);
  if (value.is_number()) return ParseDate(format::ToString(value), options);
  return InvalidDate(format::ToString(value), options);
}

Result<format::TimeZone> ParseTimeZone(std::string_view text) {
  if (text.empty()) return format::TimeZone();
  if (const auto zone = format::TimeZone::Find(text)) return *zone;
  return Error(ErrorCode::kInvalid, "unknown time zone")
      .Expected("an offset such as +09:00 or a name such as Asia/Seoul")
      .Got(std::string(text));
}

}  // namespace trine::search
