// Dates in queries: a date in one of a field's formats, or a formula of "now" ("now-7d/d",
// "2026-11-22||+1M/d"), with the rules for rounding a bound up or down.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "format/json.h"

namespace trine::search {

struct DateOptions {
  // Alternatives joined by "||": names (strict_date_optional_time, epoch_millis, epoch_second, date,
  // basic_date ...) or patterns of yyyy MM dd HH mm ss SSS XXX and 'literals'. Empty: the default
  // strict_date_optional_time||epoch_millis.
  std::string_view format;
  int offset_minutes = 0;  // zone of a text without its own, and of rounding
  Millis now;
  // Missing parts and rounded units end at their last millisecond (for gt and lte) instead of
  // starting at their first (for gte and lt).
  bool round_up = false;
};

// Milliseconds since the epoch. kDateSyntax when no format fits. Any bytes are accepted.
Result<Millis> ParseDate(std::string_view text, const DateOptions& options);
// A JSON string or number (milliseconds, or seconds when the format says so).
Result<Millis> ParseDateValue(const format::Json& value, const DateOptions& options);

// "+09:00", "-0330", "Z", "UTC", "GMT", "Asia/Seoul" ... as minutes east of UTC. kInvalid with code
// "time_zone" on others: zones with daylight saving are not known here.
Result<int> ParseTimeZone(std::string_view text);

}  // namespace trine::search
