#include "format/date_format.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "format/date_format_names.h"
#include "format/decimal.h"

namespace trine::format {
namespace {

// Removes leading and trailing characters up to the blank, as Java's trim does.
std::string_view Trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

Error Problem(const std::string& problem) {
  return Error(ErrorCode::kDateFormat, "invalid date format: " + problem).Detail("problem", problem);
}

// Whether the text has the form of a count of units: a minus sign, digits, and a fraction in nanoseconds.
// OpenSearch reads other notations of numbers ("1e3", ".5") as invalid.
bool IsCount(std::string_view text, size_t fraction_digits) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == text.size() ? std::string_view() : text.substr(point + 1);
  return !whole.empty() && fraction.size() <= fraction_digits &&
         std::all_of(whole.begin(), whole.end(), IsAsciiDigit) &&
         std::all_of(fraction.begin(), fraction.end(), IsAsciiDigit);
}

// A count of units since the epoch, with an optional fraction. The fraction of a millisecond is cut off
// downwards.
std::optional<Millis> ParseEpoch(std::string_view text, int digits_per_unit) {
  if (!IsCount(text, digits_per_unit == 0 ? 6 : 9)) return std::nullopt;
  std::optional<Decimal> number = Decimal::Parse(text);
  if (!number) return std::nullopt;
  number->exponent += number->digits.empty() ? 0 : digits_per_unit;
  const Decimal::Whole whole = number->Truncate();
  constexpr uint64_t kFarthest = 9'000'000'000'000'000'000;  // inside int64
  if (!whole.fits || whole.magnitude > kFarthest) return std::nullopt;
  const auto magnitude = static_cast<int64_t>(whole.magnitude);
  if (!number->negative) return Millis{magnitude};
  return Millis{-magnitude - (whole.has_fraction ? 1 : 0)};
}

}  // namespace

Result<DateFormat::Alternative> DateFormat::CompileOne(std::string_view format) {
  Alternative one;
  if (format == "epoch_millis" || format == "epochMillis") {
    one.epoch = Epoch::kMillis;
    return one;
  }
  if (format == "epoch_second" || format == "epochSecond") {
    one.epoch = Epoch::kSeconds;
    return one;
  }
  if (const NamedDateFormat* named = FindNamedDateFormat(format)) {
    TRINE_ASSIGN(one.reads, DatePattern::Compile(named->reads, true));
    TRINE_ASSIGN(one.prints, DatePattern::Compile(named->prints, true));
    return one;
  }
  TRINE_ASSIGN(one.reads, DatePattern::Compile(format));
  one.prints = one.reads;
  return one;
}

Result<DateFormat> DateFormat::Compile(std::string_view format) {
  constexpr size_t kMaxAlternatives = 64;  // bounds the time to reject a value
  DateFormat compiled;
  if (format.empty()) format = kDefaultDateFormat;
  for (std::string_view rest = format;;) {
    const size_t bar = rest.find("||");
    const std::string_view one = rest.substr(0, bar);
    if (one.empty() && format.find("||") != std::string_view::npos)
      return Problem("Cannot have empty element in multi date format pattern: " + std::string(format));
    const std::string_view trimmed = Trim(one);
    if (trimmed.empty()) return Problem("No date pattern provided");
    TRINE_ASSIGN(Alternative alternative, CompileOne(trimmed));
    compiled.alternatives_.push_back(std::move(alternative));
    if (bar == std::string_view::npos) return compiled;
    if (compiled.alternatives_.size() == kMaxAlternatives) return Problem("too many alternatives");
    rest.remove_prefix(bar + 2);
  }
}

std::optional<Millis> DateFormat::Parse(std::string_view text, const DateDefaults& defaults) const {
  constexpr size_t kLongestDate = 256;
  if (text.size() > kLongestDate) return std::nullopt;
  for (const Alternative& one : alternatives_) {
    std::optional<Millis> time;
    if (one.epoch != Epoch::kNone) {
      time = ParseEpoch(text, one.epoch == Epoch::kSeconds ? 3 : 0);
    } else if (const std::optional<DateFields> fields = one.reads.Parse(text)) {
      time = fields->Resolve(defaults);
    }
    if (time) return time;
  }
  return std::nullopt;
}

std::string DateFormat::Print(Millis time) const {
  TRINE_CHECK(!alternatives_.empty());
  const Alternative& first = alternatives_.front();
  if (first.epoch == Epoch::kMillis) return std::to_string(time.value);
  if (first.epoch == Epoch::kNone) return first.prints.Print(DateFields::Of(time));
  const int64_t seconds = time.value / 1000, millis = time.value % 1000;
  if (millis == 0) return std::to_string(seconds);
  std::string fraction = std::to_string(millis < 0 ? -millis : millis);
  fraction.insert(0, 3 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return (time.value < 0 ? "-" : "") + std::to_string(seconds < 0 ? -seconds : seconds) + "." + fraction;
}

bool DateFormat::HasWords() const {
  return std::any_of(alternatives_.begin(), alternatives_.end(),
                     [](const Alternative& one) { return one.reads.HasWords(); });
}

}  // namespace trine::format
