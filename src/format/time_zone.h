// TimeZone: an offset from UTC, or a region of the time zone database ("Europe/Paris") with its summer time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"

namespace trine::format {

// A value; the default is UTC. Regions come from ICU's copy of the time zone database and are kept for the
// life of the process, so copies are cheap. Thread-safe.
class TimeZone {
 public:
  TimeZone() = default;
  // An offset in seconds east of UTC, at most 18 hours in either direction.
  static TimeZone AtOffset(int64_t seconds);
  // Reads what java.time.ZoneId.of accepts: "Z", "UTC", "+9", "+09:00", "-0330", "GMT+9", "Asia/Seoul". Names
  // are case-sensitive. nullopt for anything else.
  static std::optional<TimeZone> Find(std::string_view name);

  // Each consumes a zone from the start of a text, or leaves the text as it is and returns nullopt.
  // "Z", "+09", "+0900", "+09:00", "+09:00:00", "UTC", "GMT", "UT", and an offset after one of these three.
  static std::optional<TimeZone> TakeOffset(std::string_view* text);
  // The name of a region ("Europe/Paris").
  static std::optional<TimeZone> TakeRegion(std::string_view* text);
  // The English name or abbreviation of a zone: "KST", "PDT", "Pacific Standard Time". Of several zones with
  // one abbreviation, the one that is usual in the United States.
  static std::optional<TimeZone> TakeEnglishName(std::string_view* text);

  // Seconds east of UTC at a time.
  int64_t OffsetAt(Millis time) const;
  // The time at which clocks of the zone show `local`, in milliseconds since 1970-01-01T00:00 of that clock.
  // As in java.time: of a local time that occurs twice, the one with the offset `preferred_seconds`, else the
  // earlier one; a local time that clocks skip is moved on by the length of the gap.
  Millis ToTime(int64_t local, int64_t preferred_seconds = 0) const;

  // The offset of a zone that is not a region.
  std::optional<int64_t> fixed_offset() const;
  friend bool operator==(const TimeZone&, const TimeZone&) = default;

 private:
  static std::optional<TimeZone> FindRegion(std::string_view name);

  const void* region_ = nullptr;  // an icu::TimeZone; nullptr: the offset is fixed
  int64_t offset_ = 0;
};

}  // namespace trine::format
