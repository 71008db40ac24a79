// The date formats of 0.1.0: named formats and patterns of y M d H m s S, quoted literals, [optional parts]
// and zone letters. They were not yet those of OpenSearch: an hour of 24:00 is the next midnight, and
// patterns match by backtracking.
#include "operations/mapping/first_dates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "base/check.h"
#include "format/date_format.h"
#include "format/text.h"

namespace trine::operations {
namespace {

// One step of a pattern.
struct Part {
  enum class Kind { kNumber, kFraction, kLiteral, kZone, kOpen, kClose } kind = Kind::kLiteral;
  char letter = 0;          // kNumber: one of y M d H m s
  size_t min = 0, max = 0;  // digits
  std::string literal;
  size_t close = 0;  // kOpen: index of the kClose that ends the optional part
};

// The named formats in the pattern language of this file: 'f' is a dot or comma followed by 1 to 9 digits,
// and 'X' is a zone.
struct NamedFormat {
  std::string_view name, pattern;
};
constexpr auto kNamedFormats = std::to_array<NamedFormat>({
    {"strict_date_optional_time", "yyyy[-MM[-dd['T'[HH[:mm[:ss[f]]]][X]]]]"},
    {"strict_date_optional_time_nanos", "yyyy[-MM[-dd['T'[HH[:mm[:ss[f]]]][X]]]]"},
    {"date_optional_time", "y[-M[-d['T'[H[:m[:s[f]]]][X]]]]"},
    {"iso8601", "yyyy[-MM[-dd['T'[HH[:mm[:ss[f]]]][X]]]]"},
    {"date", "y-M-d"},
    {"strict_date", "yyyy-MM-dd"},
    {"basic_date", "yyyyMMdd"},
    {"basic_date_time", "yyyyMMdd'T'HHmmssfX"},
    {"basic_date_time_no_millis", "yyyyMMdd'T'HHmmssX"},
    {"date_time", "y-M-d'T'H:m:s[f]X"},
    {"strict_date_time", "yyyy-MM-dd'T'HH:mm:ssfX"},
    {"date_time_no_millis", "y-M-d'T'H:m:sX"},
    {"strict_date_time_no_millis", "yyyy-MM-dd'T'HH:mm:ssX"},
    {"date_hour", "y-M-d'T'H"},
    {"strict_date_hour", "yyyy-MM-dd'T'HH"},
    {"date_hour_minute", "y-M-d'T'H:m"},
    {"strict_date_hour_minute", "yyyy-MM-dd'T'HH:mm"},
    {"date_hour_minute_second", "y-M-d'T'H:m:s"},
    {"strict_date_hour_minute_second", "yyyy-MM-dd'T'HH:mm:ss"},
    {"date_hour_minute_second_millis", "y-M-d'T'H:m:sf"},
    {"strict_date_hour_minute_second_millis", "yyyy-MM-dd'T'HH:mm:ssf"},
    {"year", "y"},
    {"strict_year", "yyyy"},
    {"year_month", "y-M"},
    {"strict_year_month", "yyyy-MM"},
    {"year_month_day", "y-M-d"},
    {"strict_year_month_day", "yyyy-MM-dd"},
});

struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millis = 0, offset_minutes = 0;
};

std::optional<Millis> ToMillis(const CivilTime& c) {
  namespace ch = std::chrono;
  const ch::year_month_day date{ch::year(c.year), ch::month(static_cast<unsigned>(c.month)),
                                ch::day(static_cast<unsigned>(c.day))};
  if (c.year > 9999 || !date.ok() || c.hour > 24 || c.minute > 59 || c.second > 59) return std::nullopt;
  if (c.hour == 24 && (c.minute != 0 || c.second != 0 || c.millis != 0)) return std::nullopt;
  const int64_t days = ch::sys_days(date).time_since_epoch().count();
  const int64_t minutes = days * 1440 + c.hour * 60 + c.minute - c.offset_minutes;
  return Millis{(minutes * 60 + c.second) * 1000 + c.millis};
}

size_t DigitsAt(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  return n;
}

int ToInt(std::string_view digits) {
  TRINE_DCHECK_LE(digits.size(), 9U);  // fits an int
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// Matches parts against text by backtracking: tries each optional part first, and skips it if the rest then
// does not match.
class Matcher {
 public:
  explicit Matcher(const std::vector<Part>& parts) : parts_(parts) {}

  bool Match(size_t i, std::string_view rest, CivilTime* civil) const {
    if (i == parts_.size()) return rest.empty();
    TRINE_DCHECK_LT(i, parts_.size());
    const Part& part = parts_[i];
    switch (part.kind) {
      case Part::Kind::kNumber:
        return MatchNumber(i, rest, civil);
      case Part::Kind::kFraction:
        return MatchFraction(i, rest, civil);
      case Part::Kind::kLiteral:
        return rest.starts_with(part.literal) && Match(i + 1, rest.substr(part.literal.size()), civil);
      case Part::Kind::kZone:
        return MatchZone(i, rest, civil);
      case Part::Kind::kOpen: {
        TRINE_DCHECK_GT(part.close, i);
        const CivilTime before = *civil;
        if (Match(i + 1, rest, civil)) return true;
        *civil = before;
        return Match(part.close + 1, rest, civil);
      }
      case Part::Kind::kClose:
        return Match(i + 1, rest, civil);
    }
    return false;
  }

 private:
  bool MatchNumber(size_t i, std::string_view rest, CivilTime* civil) const {
    const Part& part = parts_[i];
    const size_t n = std::min(DigitsAt(rest), part.max);
    if (n < part.min) return false;
    const int value = ToInt(rest.substr(0, n));
    switch (part.letter) {
      case 'y':
        civil->year = part.max == 2 ? 2000 + value : value;
        break;
      case 'M':
        civil->month = value;
        break;
      case 'd':
        civil->day = value;
        break;
      case 'H':
        civil->hour = value;
        break;
      case 'm':
        civil->minute = value;
        break;
      default:
        civil->second = value;
        break;
    }
    return Match(i + 1, rest.substr(n), civil);
  }

  bool MatchFraction(size_t i, std::string_view rest, CivilTime* civil) const {
    const Part& part = parts_[i];
    if (part.letter == 'f') {
      if (rest.empty() || (rest[0] != '.' && rest[0] != ',')) return false;
      rest.remove_prefix(1);
    }
    const size_t n = std::min(DigitsAt(rest), part.max);
    if (n < part.min) return false;
    std::string digits(rest.substr(0, std::min<size_t>(n, 3)));
    digits.resize(3, '0');
    civil->millis = ToInt(digits);
    return Match(i + 1, rest.substr(n), civil);
  }

  bool MatchZone(size_t i, std::string_view rest, CivilTime* civil) const {
    if (rest.starts_with('Z')) return civil->offset_minutes = 0, Match(i + 1, rest.substr(1), civil);
    if (rest.starts_with("UTC") || rest.starts_with("GMT")) return Match(i + 1, rest.substr(3), civil);
    if (rest.size() < 3 || (rest[0] != '+' && rest[0] != '-')) return false;
    const int sign = rest[0] == '-' ? -1 : 1;
    rest.remove_prefix(1);
    if (DigitsAt(rest) < 2) return false;
    int minutes = ToInt(rest.substr(0, 2)) * 60;
    rest.remove_prefix(2);
    const std::string_view after = rest.starts_with(':') ? rest.substr(1) : rest;
    if (DigitsAt(after) >= 2) {
      minutes += ToInt(after.substr(0, 2));
      rest = after.substr(2);
    }
    if (minutes > 18 * 60) return false;
    civil->offset_minutes = sign * minutes;
    return Match(i + 1, rest, civil);
  }

  const std::vector<Part>& parts_;
};

// The part for a run of `n` equal letters; nullopt for an unknown letter.
std::optional<Part> LetterPart(char letter, size_t n) {
  Part part;
  part.kind = Part::Kind::kNumber;
  switch (letter) {
    case 'y':
    case 'u':
      part.letter = 'y';
      part.min = n == 1 ? 1 : n;
      part.max = n == 1 ? 4 : n;
      return part;
    case 'M':
    case 'd':
    case 'H':
    case 'm':
    case 's':
      if (n > 2) return std::nullopt;
      part.letter = letter;
      part.min = n;
      part.max = 2;
      return part;
    case 'S':
      part.kind = Part::Kind::kFraction;
      part.letter = 'S';
      part.min = part.max = n;
      return part;
    case 'f':
      part.kind = Part::Kind::kFraction;
      part.letter = 'f';
      part.min = 1;
      part.max = 9;
      return part;
    case 'X':
    case 'x':
    case 'Z':
    case 'z':
      part.kind = Part::Kind::kZone;
      return part;
    default:
      return std::nullopt;
  }
}

// Takes one literal (a quoted string or a single character) off the front of `rest`.
std::optional<std::string> TakeLiteral(std::string_view* rest) {
  if ((*rest)[0] != '\'') {
    std::string one(1, (*rest)[0]);
    rest->remove_prefix(1);
    return one;
  }
  const size_t end = rest->find('\'', 1);
  if (end == std::string_view::npos) return std::nullopt;
  std::string quoted = end == 1 ? "'" : std::string(rest->substr(1, end - 1));
  rest->remove_prefix(end + 1);
  return quoted;
}

// Returns nullopt for a pattern that 0.1.0 refused.
std::optional<std::vector<Part>> CompilePattern(std::string_view pattern) {
  constexpr size_t kMaxOpen = 8;  // maximum number of optional parts; each one doubles the ways to match
  std::vector<Part> parts;
  std::vector<size_t> open;
  size_t optional_parts = 0;
  while (!pattern.empty()) {
    const char c = pattern[0];
    if (c == '[') {
      if (++optional_parts > kMaxOpen) return std::nullopt;
      open.push_back(parts.size());
      parts.push_back({Part::Kind::kOpen, 0, 0, 0, {}, 0});
      pattern.remove_prefix(1);
    } else if (c == ']') {
      if (open.empty()) return std::nullopt;
      parts[open.back()].close = parts.size();
      open.pop_back();
      parts.push_back({Part::Kind::kClose, 0, 0, 0, {}, 0});
      pattern.remove_prefix(1);
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      size_t n = 1;
      while (n < pattern.size() && pattern[n] == c) ++n;
      const std::optional<Part> part = n <= 9 ? LetterPart(c, n) : std::nullopt;
      if (!part) return std::nullopt;
      parts.push_back(*part);
      pattern.remove_prefix(n);
    } else {
      std::optional<std::string> literal = TakeLiteral(&pattern);
      if (!literal) return std::nullopt;
      parts.push_back({Part::Kind::kLiteral, 0, 0, 0, std::move(*literal), 0});
    }
  }
  if (!open.empty()) return std::nullopt;
  return parts;
}

std::optional<Millis> ReadEpoch(bool seconds, std::string_view text) {
  constexpr double kFarthest = 9.0e18;  // inside int64
  const double scale = seconds ? 1000 : 1;
  if (const std::optional<int64_t> whole = format::ParseInt(text);
      whole && std::abs(static_cast<double>(*whole)) * scale < kFarthest) {
    return Millis{*whole * static_cast<int64_t>(scale)};
  }
  const std::optional<double> value = format::ParseDouble(text);
  if (!value || !(std::abs(*value) * scale < kFarthest)) return std::nullopt;
  return Millis{static_cast<int64_t>(std::floor(*value * scale))};
}

// Reads a value in one alternative of a format.
std::optional<Millis> ReadOne(std::string_view name, std::string_view text) {
  if (name == "epoch_millis" || name == "epoch_second") return ReadEpoch(name == "epoch_second", text);
  const auto* const named = std::ranges::find(kNamedFormats, name, &NamedFormat::name);
  const auto parts = CompilePattern(named == kNamedFormats.end() ? name : named->pattern);
  CivilTime civil;
  if (!parts || !Matcher(*parts).Match(0, text, &civil)) return std::nullopt;
  return ToMillis(civil);
}

}  // namespace

std::optional<Millis> ReadFirstDate(std::string_view pattern, std::string_view text) {
  constexpr size_t kLongestDate = 256;
  if (text.size() > kLongestDate) return std::nullopt;
  if (pattern.empty()) pattern = format::kDefaultDateFormat;
  while (true) {
    const size_t bar = pattern.find("||");
    if (const auto time = ReadOne(pattern.substr(0, bar), text)) return time;
    if (bar == std::string_view::npos) return std::nullopt;
    pattern.remove_prefix(bar + 2);
  }
}

}  // namespace trine::operations
