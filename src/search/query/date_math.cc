#include "search/query/date_math.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "base/check.h"
#include "format/date_format.h"
#include "format/text.h"

namespace trine::search {
namespace {

constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
// The latest time that date math works with, in the year 32739: std::chrono knows the years up to 32767.
constexpr int64_t kMaxMillis = 971'000'000'000'000;

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

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
  TRINE_DCHECK(local >= -kMaxMillis - kDay && local <= kMaxMillis + kDay);
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
  if (time > kMaxMillis || time < -kMaxMillis) return std::nullopt;
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
    const std::optional<Millis> time = format.Parse(date, {options.offset_minutes, round_up});
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
