#include "format/time_zone.h"

#include <unicode/timezone.h>
#include <unicode/tzfmt.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/mutex.h"
#include "base/text.h"

namespace trine::format {
namespace {

constexpr int64_t kLargestOffset = 18 * 3600;
constexpr size_t kMaxNameBytes = 64;  // the longest names of the database and of English have about 40
constexpr int64_t kDayMillis = 86'400'000;

// ICU knows further names of three letters, such as "PST"; java.time does not, because they are ambiguous.
constexpr std::array<std::string_view, 13> kShortRegions = {"CET", "EET", "EST", "GMT", "HST", "MET", "MST",
                                                            "PRC", "ROC", "ROK", "UCT", "UTC", "WET"};

size_t DigitsAt(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsAsciiDigit) - text.begin());
}

int64_t TwoDigits(std::string_view text) {
  int64_t value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsOfName(char c) {
  return IsLetter(c) || IsAsciiDigit(c) || c == '/' || c == '_' || c == '+' || c == '-';
}

// The regions that were asked for. The database has some 600 names, so the map stays small.
class Regions {
 public:
  const icu::TimeZone* Find(const std::string& name) {
    const MutexLock lock(mutex_);
    if (const auto known = zones_.find(name); known != zones_.end()) return known->second.get();
    const icu::UnicodeString id = icu::UnicodeString::fromUTF8(name);
    icu::UnicodeString canonical;
    UErrorCode status = U_ZERO_ERROR;
    UBool in_database = 0;
    icu::TimeZone::getCanonicalID(id, canonical, in_database, status);
    if (U_FAILURE(status) || in_database == 0 || name == "Etc/Unknown") return nullptr;
    std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(id));
    return zones_.emplace(name, std::move(zone)).first->second.get();
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<icu::TimeZone>> zones_ TRINE_GUARDED_BY(mutex_);
};

// nullptr if ICU's data lacks the names of zones.
const icu::TimeZoneFormat* EnglishNames() {
  static const std::unique_ptr<icu::TimeZoneFormat> kNames = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::TimeZoneFormat> names(
        icu::TimeZoneFormat::createInstance(icu::Locale::getUS(), status));
    return U_SUCCESS(status) ? std::move(names) : nullptr;
  }();
  return kNames.get();
}

}  // namespace

TimeZone TimeZone::AtOffset(int64_t seconds) {
  TRINE_DCHECK(seconds >= -kLargestOffset && seconds <= kLargestOffset);
  TimeZone zone;
  zone.offset_ = seconds;
  return zone;
}

std::optional<TimeZone> TimeZone::Find(std::string_view name) {
  const bool one_digit = name.size() == 2 && (name[0] == '+' || name[0] == '-') && IsAsciiDigit(name[1]);
  if (one_digit) return AtOffset((name[0] == '-' ? -3600 : 3600) * TwoDigits(name.substr(1)));
  std::string_view rest = name;
  if (const auto offset = TakeOffset(&rest); offset && rest.empty()) return offset;
  return FindRegion(name);
}

std::optional<TimeZone> TimeZone::FindRegion(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || !IsLetter(name.front()) ||
      !std::all_of(name.begin(), name.end(), IsOfName)) {
    return std::nullopt;
  }
  const bool is_short = name.size() == 3;
  if (is_short && std::find(kShortRegions.begin(), kShortRegions.end(), name) == kShortRegions.end())
    return std::nullopt;
  static Regions regions;
  TimeZone zone;
  zone.region_ = regions.Find(std::string(name));
  return zone.region_ == nullptr ? std::nullopt : std::optional(zone);
}

std::optional<TimeZone> TimeZone::TakeOffset(std::string_view* text) {
  std::string_view rest = *text;
  if (rest.starts_with('Z')) return text->remove_prefix(1), TimeZone();
  bool named = false;
  for (const std::string_view name : {"UTC", "GMT", "UT"}) {
    if (!rest.starts_with(name)) continue;
    rest.remove_prefix(name.size());
    named = true;
    break;
  }
  const auto without_offset = [&]() -> std::optional<TimeZone> {
    if (!named) return std::nullopt;
    *text = rest;
    return TimeZone();
  };
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) return without_offset();
  const int64_t sign = rest.front() == '-' ? -1 : 1;
  std::string_view digits = rest.substr(1);
  const size_t hour_digits = named ? std::min<size_t>(DigitsAt(digits), 2) : 2;  // GMT+9
  if (hour_digits == 0 || DigitsAt(digits) < hour_digits) return without_offset();
  int64_t offset = TwoDigits(digits.substr(0, hour_digits)) * 3600;
  digits.remove_prefix(hour_digits);
  for (const int64_t unit : {60, 1}) {
    const std::string_view after = digits.starts_with(':') ? digits.substr(1) : digits;
    if (DigitsAt(after) < 2) break;
    const int64_t value = TwoDigits(after.substr(0, 2));
    if (value > 59) return std::nullopt;
    offset += value * unit;
    digits = after.substr(2);
  }
  if (offset > kLargestOffset) return std::nullopt;
  *text = digits;
  return AtOffset(sign * offset);
}

std::optional<TimeZone> TimeZone::TakeRegion(std::string_view* text) {
  const auto end =
      static_cast<size_t>(std::find_if_not(text->begin(), text->end(), IsOfName) - text->begin());
  const auto zone = FindRegion(text->substr(0, end));
  if (zone) text->remove_prefix(end);
  return zone;
}

std::optional<TimeZone> TimeZone::TakeEnglishName(std::string_view* text) {
  const icu::TimeZoneFormat* names = EnglishNames();
  if (names == nullptr) return std::nullopt;
  std::string_view ascii = text->substr(0, kMaxNameBytes);  // names are ASCII: bytes are UTF-16 units
  const auto other =
      std::find_if(ascii.begin(), ascii.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  ascii = ascii.substr(0, static_cast<size_t>(other - ascii.begin()));
  const icu::UnicodeString given =
      icu::UnicodeString::fromUTF8(icu::StringPiece(ascii.data(), static_cast<int32_t>(ascii.size())));
  icu::ParsePosition position(0);
  const std::unique_ptr<icu::TimeZone> zone(
      names->parse(UTZFMT_STYLE_SPECIFIC_LONG, given, position,
                   UTZFMT_PARSE_OPTION_ALL_STYLES | UTZFMT_PARSE_OPTION_TZ_DATABASE_ABBREVIATIONS));
  if (zone == nullptr || position.getIndex() <= 0) return std::nullopt;
  icu::UnicodeString id;
  std::string name;
  zone->getID(id).toUTF8String(name);
  const auto found = Find(name);
  if (found) text->remove_prefix(static_cast<size_t>(position.getIndex()));
  return found;
}

int64_t TimeZone::OffsetAt(Millis time) const {
  if (region_ == nullptr) return offset_;
  int32_t raw = 0, summer = 0;
  UErrorCode status = U_ZERO_ERROR;
  static_cast<const icu::TimeZone*>(region_)->getOffset(static_cast<UDate>(time.value), 0, raw, summer,
                                                        status);
  return U_SUCCESS(status) ? (raw + summer) / 1000 : 0;
}

Millis TimeZone::ToTime(int64_t local, int64_t preferred_seconds) const {
  if (region_ == nullptr) return Millis{local - offset_ * 1000};
  const auto at = [local](int64_t offset) { return Millis{local - offset * 1000}; };
  // Offsets change rarely, so those a day before and a day after are the only candidates.
  const int64_t before = OffsetAt(Millis{local - kDayMillis}), after = OffsetAt(Millis{local + kDayMillis});
  for (const int64_t offset : {preferred_seconds, before, after}) {
    if (OffsetAt(at(offset)) == offset) return at(offset);
  }
  return at(before);
}

std::optional<int64_t> TimeZone::fixed_offset() const {
  return region_ == nullptr ? std::optional(offset_) : std::nullopt;
}

}  // namespace trine::format
