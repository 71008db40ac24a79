#include "search/query/date_math.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "base/check.h"
#include "format/text.h"

namespace trine::search {
namespace {

constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::string_view kDefaultFormat = "strict_date_optional_time||epoch_millis";
constexpr int64_t kMaxMillis =
    8'640'000'000'000'000;  // the latest time, in the year 275760: keeps the arithmetic from overflowing

// The fields of a wall-clock time. A field that the text does not contain is -1; a missing year is 1970.
struct DateTimeFields {
  int year = 1970, month = -1, day = -1, hour = -1, minute = -1, second = -1, millis = -1;
  std::optional<int> offset_minutes;
};

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

int64_t DaysOf(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day))
      .time_since_epoch()
      .count();
}

std::optional<int64_t> ToMillis(const DateTimeFields& p, const DateOptions& options) {
  const int month = p.month < 0 ? 1 : p.month;
  const int day = p.day < 0 ? 1 : p.day;
  const bool up = options.round_up;
  const int hour = p.hour < 0 ? (up ? 23 : 0) : p.hour;
  const int minute = p.minute < 0 ? (up ? 59 : 0) : p.minute;
  const int second = p.second < 0 ? (up ? 59 : 0) : p.second;
  const int millis = p.millis < 0 ? (up ? 999 : 0) : p.millis;
  if (p.year > static_cast<int>(std::chrono::year::max())) return std::nullopt;
  const auto date = std::chrono::year(p.year) / std::chrono::month(static_cast<unsigned>(month)) /
                    std::chrono::day(static_cast<unsigned>(day));
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const int64_t local = DaysOf(p.year, static_cast<unsigned>(month), static_cast<unsigned>(day)) * kDay +
                        hour * kHour + minute * kMinute + second * kSecond + millis;
  return local - p.offset_minutes.value_or(options.offset_minutes) * kMinute;
}

constexpr size_t kMaxDigits = 9;  // the most digits that always fit an int

// Consumes exactly `width` digits. On failure `text` is unchanged.
bool ConsumeDigits(std::string_view* text, size_t width, int* value) {
  if (width > kMaxDigits || text->size() < width) return false;
  int v = 0;
  for (size_t i = 0; i < width; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    v = v * 10 + (c - '0');
  }
  text->remove_prefix(width);
  *value = v;
  return true;
}

bool ConsumeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// Consumes "Z", "+09", "+0900" or "+09:00".
bool ConsumeOffset(std::string_view* text, std::optional<int>* minutes) {
  if (ConsumeChar(text, 'Z')) return *minutes = 0, true;
  const bool negative = !text->empty() && text->front() == '-';
  if (!negative && (text->empty() || text->front() != '+')) return false;
  text->remove_prefix(1);
  int h = 0, m = 0;
  if (!ConsumeDigits(text, 2, &h)) return false;
  ConsumeChar(text, ':');
  ConsumeDigits(text, 2, &m);
  if (h > 18 || m > 59) return false;
  *minutes = (negative ? -1 : 1) * (h * 60 + m);
  return true;
}

// Consumes the 1 to 9 digits of a fraction of a second, and converts them to milliseconds.
bool ConsumeFraction(std::string_view* text, int* millis) {
  int digits = 0, value = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9' && digits < 9) {
    if (digits < 3) value = value * 10 + (text->front() - '0');
    text->remove_prefix(1);
    ++digits;
  }
  for (int i = digits; i < 3; ++i) value *= 10;
  *millis = value;
  return digits > 0;
}

// Parses yyyy[-MM[-dd]][THH[:mm[:ss[.fraction]]]][zone]. Fails if more text follows.
std::optional<int64_t> ParseIso(std::string_view text, const DateOptions& options) {
  DateTimeFields p;
  if (!ConsumeDigits(&text, 4, &p.year)) return std::nullopt;
  if (ConsumeChar(&text, '-')) {
    if (!ConsumeDigits(&text, 2, &p.month)) return std::nullopt;
    if (ConsumeChar(&text, '-') && !ConsumeDigits(&text, 2, &p.day)) return std::nullopt;
  }
  if (p.day > 0 && ConsumeChar(&text, 'T') && !text.empty()) {
    if (!ConsumeDigits(&text, 2, &p.hour)) return std::nullopt;
    if (ConsumeChar(&text, ':')) {
      if (!ConsumeDigits(&text, 2, &p.minute)) return std::nullopt;
      if (ConsumeChar(&text, ':')) {
        if (!ConsumeDigits(&text, 2, &p.second)) return std::nullopt;
        if ((ConsumeChar(&text, '.') || ConsumeChar(&text, ',')) && !ConsumeFraction(&text, &p.millis))
          return std::nullopt;
      }
    }
    if (!text.empty() && !ConsumeOffset(&text, &p.offset_minutes)) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return ToMillis(p, options);
}

// Consumes the field that `width` repetitions of a pattern letter denote.
bool ConsumeField(char letter, size_t width, std::string_view* text, DateTimeFields* p) {
  switch (letter) {
    case 'y':
    case 'u':
      return ConsumeDigits(text, width < 4 ? 4 : width, &p->year);
    case 'M':
      return ConsumeDigits(text, 2, &p->month) || ConsumeDigits(text, 1, &p->month);
    case 'd':
      return ConsumeDigits(text, 2, &p->day) || ConsumeDigits(text, 1, &p->day);
    case 'H':
      return ConsumeDigits(text, 2, &p->hour) || ConsumeDigits(text, 1, &p->hour);
    case 'm':
      return ConsumeDigits(text, 2, &p->minute);
    case 's':
      return ConsumeDigits(text, 2, &p->second);
    case 'S':
      return ConsumeFraction(text, &p->millis);
    case 'X':
    case 'x':
    case 'Z':
      return ConsumeOffset(text, &p->offset_minutes);
    default:
      return false;
  }
}

std::optional<int64_t> ParsePattern(std::string_view pattern, std::string_view text,
                                    const DateOptions& options) {
  DateTimeFields p;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      const size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos) return std::nullopt;
      for (size_t j = i + 1; j < end; ++j) {
        if (!ConsumeChar(&text, pattern[j])) return std::nullopt;
      }
      i = end + 1;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      size_t width = 1;
      while (i + width < pattern.size() && pattern[i + width] == c) ++width;
      if (!ConsumeField(c, width, &text, &p)) return std::nullopt;
      i += width;
    } else {
      if (!ConsumeChar(&text, c)) return std::nullopt;
      ++i;
    }
  }
  if (!text.empty()) return std::nullopt;
  return ToMillis(p, options);
}

struct NamedFormat {
  std::string_view name, pattern;
};
constexpr std::array<NamedFormat, 12> kNamed = {{{"date", "yyyy-MM-dd"},
                                                 {"basic_date", "yyyyMMdd"},
                                                 {"date_hour_minute_second", "yyyy-MM-dd'T'HH:mm:ss"},
                                                 {"date_hour_minute", "yyyy-MM-dd'T'HH:mm"},
                                                 {"date_hour", "yyyy-MM-dd'T'HH"},
                                                 {"date_time", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"},
                                                 {"date_time_no_millis", "yyyy-MM-dd'T'HH:mm:ssXXX"},
                                                 {"basic_date_time", "yyyyMMdd'T'HHmmss.SSSXXX"},
                                                 {"basic_date_time_no_millis", "yyyyMMdd'T'HHmmssXXX"},
                                                 {"year_month_day", "yyyy-MM-dd"},
                                                 {"year_month", "yyyy-MM"},
                                                 {"year", "yyyy"}}};

std::optional<int64_t> ParseOne(std::string_view format, std::string_view text, const DateOptions& options) {
  if (format == "epoch_millis" || format == "epoch_second") {
    const auto number = format::ParseInt(text);
    const int64_t scale = format == "epoch_second" ? kSecond : 1;
    if (!number || *number > kMaxMillis / scale || *number < -kMaxMillis / scale) return std::nullopt;
    return *number * scale;
  }
  if (format.starts_with("strict_")) format.remove_prefix(7);
  if (format == "date_optional_time") return ParseIso(text, options);
  for (const NamedFormat& named : kNamed) {
    if (format == named.name) return ParsePattern(named.pattern, text, options);
  }
  return ParsePattern(format, text, options);
}

std::optional<int64_t> ParseAny(std::string_view text, const DateOptions& options) {
  std::string_view formats = options.format.empty() ? kDefaultFormat : options.format;
  while (true) {
    const size_t bar = formats.find("||");
    if (const auto found = ParseOne(formats.substr(0, bar), text, options)) return found;
    if (bar == std::string_view::npos) return std::nullopt;
    formats.remove_prefix(bar + 2);
  }
}

// Returns nullopt outside the years that std::chrono supports.
std::optional<int64_t> AddMonths(int64_t local, int64_t months) {
  using namespace std::chrono;
  const int64_t day_number = FloorDiv(local, kDay);
  const year_month_day ymd{sys_days{days{day_number}}};
  const int64_t total = static_cast<int64_t>(static_cast<int>(ymd.year())) * 12 +
                        static_cast<unsigned>(ymd.month()) - 1 + months;
  const int64_t y = FloorDiv(total, 12);
  if (y < -32767 || y > 32767) return std::nullopt;
  const auto first = year(static_cast<int>(y)) / month(static_cast<unsigned>(total - y * 12) + 1);
  const auto last = static_cast<unsigned>((first / std::chrono::last).day());
  const auto day_of_month = std::min(static_cast<unsigned>(ymd.day()), last);
  return sys_days(first / day(day_of_month)).time_since_epoch().count() * kDay + (local - day_number * kDay);
}

// Returns the start of the unit that lies `steps` units after the one that contains `local`.
std::optional<int64_t> UnitStart(char unit, int64_t local, int64_t steps) {
  using namespace std::chrono;
  TRINE_DCHECK(local >= -2 * kMaxMillis && local <= 2 * kMaxMillis);
  const int64_t day_number = FloorDiv(local, kDay);
  const year_month_day ymd{sys_days{days{day_number}}};
  const auto month_start = sys_days(ymd.year() / ymd.month() / day(1)).time_since_epoch().count() * kDay;
  switch (unit) {
    case 'y':
      return AddMonths(sys_days(ymd.year() / 1 / 1).time_since_epoch().count() * kDay, 12 * steps);
    case 'M':
      return AddMonths(month_start, steps);
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

// Applies date math such as "+1M-3d/d" to `time`, in the time zone of `options`.
std::optional<int64_t> ApplyDateMath(std::string_view math, int64_t time, const DateOptions& options) {
  const int64_t shift = options.offset_minutes * kMinute;
  int64_t local = time + shift;
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
    std::optional<int64_t> next;
    if (op == '/') {
      next = UnitStart(unit, local, options.round_up ? 1 : 0);
      if (next && options.round_up) --*next;
    } else {
      next = AddUnits(unit, local, op == '+' ? amount : -amount);
    }
    if (!next || *next > kMaxMillis || *next < -kMaxMillis) return std::nullopt;
    local = *next;
  }
  return local - shift;
}

Error InvalidDate(std::string_view text, const DateOptions& options) {
  const std::string format(options.format.empty() ? kDefaultFormat : options.format);
  return Error(ErrorCode::kDateSyntax, "cannot parse date \"" + std::string(text) + "\"")
      .Expected("a date in format " + format + " or date math")
      .Got(std::string(text))
      .Detail("format", format);
}

}  // namespace

Result<Millis> ParseDate(std::string_view text, const DateOptions& options) {
  std::optional<int64_t> time;
  if (text.starts_with("now")) {
    time = ApplyDateMath(text.substr(3), options.now.value, options);
  } else if (const size_t bar = text.find("||"); bar != std::string_view::npos) {
    DateOptions exact = options;
    exact.round_up = false;
    time = ParseAny(text.substr(0, bar), exact);
    if (time) time = ApplyDateMath(text.substr(bar + 2), *time, options);
  } else {
    time = ParseAny(text, options);
  }
  if (!time) return InvalidDate(text, options);
  return Millis{*time};
}

Result<Millis> ParseDateValue(const format::Json& value, const DateOptions& options) {
  if (value.is_string()) return ParseDate(value.string(), options);
  if (value.is_int()) return ParseDate(std::to_string(value.integer()), options);
  return InvalidDate(format::ToString(value), options);
}

Result<int> ParseTimeZone(std::string_view text) {
  if (text.empty() || text == "UTC" || text == "GMT" || text == "Etc/UTC") return 0;
  // The common zones of East Asia, which have no daylight saving. Other zones must be given as offsets.
  if (text == "Asia/Seoul" || text == "Asia/Tokyo" || text == "ROK" || text == "Japan") return 540;
  if (text == "Asia/Shanghai" || text == "Asia/Singapore" || text == "Asia/Taipei") return 480;
  std::optional<int> minutes;
  std::string_view rest = text;
  if (ConsumeOffset(&rest, &minutes) && rest.empty()) return *minutes;
  return Error(ErrorCode::kInvalid, "unknown time zone")
      .Expected("an offset such as +09:00")
      .Got(std::string(text));
}

}  // namespace trine::search
