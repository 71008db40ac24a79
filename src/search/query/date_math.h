// Dates in queries: a date in one of a field's formats, or date math ("now-7d/d", "2026-11-22||+1M/d"), with
// the rules by which range bounds are rounded up or down.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "format/json.h"
#include "format/time_zone.h"

namespace trine::search {

struct DateOptions {
  // As format::DateFormat::Compile reads it. Empty: the default strict_date_optional_time||epoch_millis.
  std::string_view format;
  format::TimeZone zone;  // for dates without a zone, and for rounding and adding
  Millis now;
  // If true (for gt and lte), missing parts and rounded units resolve to their last millisecond. If false
  // (for gte and lt), they resolve to their first millisecond.
  bool round_up = false;
};

// Returns milliseconds since the epoch. Fails with kDateSyntax if no format fits, and with kDateFormat if the
// format is invalid. `text` may hold any bytes.
Result<Millis> ParseDate(std::string_view text, const DateOptions& options);
// Parses a JSON string or number. A number is parsed like its text as it was written.
Result<Millis> ParseDateValue(const format::Json& value, const DateOptions& options);

// Finds a time zone (format::TimeZone::Find); an empty string means UTC. Fails with kInvalid for any other
// string.
Result<format::TimeZone> ParseTimeZone(std::string_view text);

}  // namespace trine::search
