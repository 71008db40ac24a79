// Times as text. Howard Hinnant's date library does the calendar arithmetic.
#include <date/date.h>

#include <cmath>
#include <cstdio>

#include "format/text.h"

namespace trine::format {
namespace {

// Scans a string from front to back. A Take function consumes nothing if it fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
  bool Take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  // Returns the number of digits at the front.
  size_t Digits() const {
    size_t n = 0;
    while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') ++n;
    return n;
  }
  // Consumes a number with `min` to `max` digits. If more than `max` digits follow, fails or, with `fixed`,
  // consumes the first `max`.
  bool TakeNumber(size_t min, size_t max, int* value, bool fixed = false) {
    size_t n = Digits();
    if (fixed && n > max) n = max;
    if (n < min || n > max) return false;
    *value = 0;
    for (size_t i = 0; i < n; ++i) *value = *value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(n);
    return true;
  }
  void SkipSpaces() {
    while (Take(" ")) {
    }
  }

 private:
  std::string_view rest_;
};

struct CivilTime {
  int year = 0, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0, millis = 0;
  int offset_minutes = 0;
};

// "20261122", "202611221305", "20261122130507", as cash registers and shop exports write times.
bool TakeCompactDate(Scanner* s, CivilTime* c) {
  const size_t n = s->Digits();
  if (n != 8 && n != 12 && n != 14) return false;
  if (!s->TakeNumber(4, 4, &c->year, true) || !s->TakeNumber(2, 2, &c->month, true)) return false;
  if (!s->TakeNumber(2, 2, &c->day, true)) return false;
  if (n >= 12 && (!s->TakeNumber(2, 2, &c->hour, true) || !s->TakeNumber(2, 2, &c->minute, true)))
    return false;
  if (n == 14 && !s->TakeNumber(2, 2, &c->second, true)) return false;
  return c->hour < 24 && c->minute < 60 && c->second < 60;
}

// "2026", "2026-11", "2026-11-22"; the same with '.' or '/'; the Korean "2026. 11. 22." and "2026년 11월
// 22일".
bool TakeDate(Scanner* s, CivilTime* c) {
  if (!s->TakeNumber(4, 4, &c->year)) return false;
  if (s->done()) return true;
  if (s->Take("년")) {
    s->SkipSpaces();
    if (!s->TakeNumber(1, 2, &c->month) || !s->Take("월")) return false;
    s->SkipSpaces();
    return s->TakeNumber(1, 2, &c->day) && s->Take("일");
  }
  const char mark = s->peek();
  const std::string_view separator(&mark, 1);
  if ((mark != '-' && mark != '.' && mark != '/') || !s->Take(separator)) return false;
  if (mark == '.') s->SkipSpaces();
  if (!s->TakeNumber(1, 2, &c->month)) return false;
  if (s->done()) return mark == '-';
  if (!s->Take(separator)) return false;
  if (mark == '.') s->SkipSpaces();
  if (!s->TakeNumber(1, 2, &c->day)) return false;
  if (mark == '.') s->Take(".");
  return true;
}

bool TakeFraction(Scanner* s, int* millis) {
  const size_t n = s->Digits();
  if (n == 0 || n > 9) return false;
  int scale = 100;
  for (size_t i = 0; i < n; ++i, scale /= 10) {
    int digit = 0;
    s->TakeNumber(1, 1, &digit, true);
    *millis += digit * scale;
  }
  return true;
}

// "10", "10:00", "10:00:07", "10:00:07.123", "오후 1:05". Fails beyond 23 hours, 59 minutes or 59 seconds.
bool TakeTimeOfDay(Scanner* s, CivilTime* c) {
  const bool am = s->Take("오전"), pm = !am && s->Take("오후");
  if (am || pm) s->SkipSpaces();
  if (!s->TakeNumber(1, 2, &c->hour)) return false;
  if (am || pm) {
    if (c->hour < 1 || c->hour > 12) return false;
    c->hour = c->hour % 12 + (pm ? 12 : 0);
  }
  if (s->Take(":")) {
    if (!s->TakeNumber(1, 2, &c->minute)) return false;
    if (s->Take(":")) {
      if (!s->TakeNumber(1, 2, &c->second)) return false;
      if ((s->Take(".") || s->Take(",")) && !TakeFraction(s, &c->millis)) return false;
    }
  }
  return c->hour < 24 && c->minute < 60 && c->second < 60;
}

// "Z", "+09:00", "-0930", "+09", " UTC", " KST". If the text has already ended, keeps the default offset.
bool TakeZone(Scanner* s, CivilTime* c) {
  if (s->done()) return true;
  s->SkipSpaces();
  if (s->Take("Z") || s->Take("z") || s->Take("UTC") || s->Take("GMT")) {
    c->offset_minutes = 0;
    return true;
  }
  if (s->Take("KST")) {
    c->offset_minutes = 540;
    return true;
  }
  const bool minus = s->peek() == '-';
  if (!s->Take("+") && !s->Take("-")) return false;
  int hours = 0, minutes = 0;
  if (!s->TakeNumber(2, 2, &hours, true)) return false;
  const bool colon = s->Take(":");
  if ((colon || s->Digits() > 0) && !s->TakeNumber(2, 2, &minutes)) return false;
  if (hours > 18 || minutes > 59) return false;
  c->offset_minutes = (hours * 60 + minutes) * (minus ? -1 : 1);
  return true;
}

std::optional<Millis> ToMillis(const CivilTime& c) {
  const date::year_month_day day{date::year(c.year), date::month(static_cast<unsigned>(c.month)),
                                 date::day(static_cast<unsigned>(c.day))};
  if (!day.ok()) return std::nullopt;
  const int64_t days = date::sys_days(day).time_since_epoch().count();
  const int64_t minutes = (days * 24 + c.hour) * 60 + c.minute - c.offset_minutes;
  return Millis{(minutes * 60 + c.second) * 1000 + c.millis};
}

// Years 0000 to 9999, which FormatTime prints with four digits.
constexpr double kFirstMillis = -62167219200000.0, kLastMillis = 253402300799999.0;

std::optional<Millis> ParseEpoch(std::string_view text, Epoch epoch) {
  const auto number = ParseDouble(text);
  if (!number) return std::nullopt;
  const bool seconds = epoch == Epoch::kSeconds || (epoch == Epoch::kGuess && std::abs(*number) <= 1e11);
  const double millis = std::floor(seconds ? *number * 1000.0 : *number);
  if (!(millis >= kFirstMillis && millis <= kLastMillis)) return std::nullopt;
  return Millis{static_cast<int64_t>(millis)};
}

}  // namespace

std::optional<Millis> ParseTime(std::string_view text, int offset_minutes, Epoch epoch) {
  if (epoch != Epoch::kNone) {
    if (auto time = ParseEpoch(text, epoch)) return time;
  }
  Scanner s(text);
  CivilTime c;
  c.offset_minutes = offset_minutes;
  if (epoch == Epoch::kNone && s.Digits() >= 8) {
    if (!TakeCompactDate(&s, &c)) return std::nullopt;
  } else if (!TakeDate(&s, &c)) {
    return std::nullopt;
  }
  bool time_of_day = s.Take("T") || s.Take("t");
  if (!time_of_day && s.peek() == ' ') {
    s.SkipSpaces();
    time_of_day = true;
  }
  if (time_of_day && !TakeTimeOfDay(&s, &c)) return std::nullopt;
  if (!TakeZone(&s, &c) || !s.done()) return std::nullopt;
  return ToMillis(c);
}

std::string FormatTime(Millis time) {
  const date::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(time.value)};
  const auto days = date::floor<date::days>(at);
  const date::year_month_day ymd{days};
  const date::hh_mm_ss tod{at - days};
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                static_cast<int>(tod.hours().count()), static_cast<int>(tod.minutes().count()),
                static_cast<int>(tod.seconds().count()), static_cast<int>(tod.subseconds().count()));
  return buffer;
}

}  // namespace trine::format
