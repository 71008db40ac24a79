// DateFormat: a date format of OpenSearch ("strict_date_optional_time||epoch_millis", "yyyy-MM-dd HH:mm"),
// compiled once and used for every value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/date_fields.h"
#include "format/date_pattern.h"

namespace trine::format {

// The format of a date field whose mapping sets none.
inline constexpr std::string_view kDefaultDateFormat = "strict_date_optional_time||epoch_millis";

// Alternatives joined by "||", tried in order. Immutable; thread-safe.
class DateFormat {
 public:
  // Each alternative is a named format (date_format_names.h), epoch_millis, epoch_second or a pattern
  // (DatePattern); blanks around it have no meaning. An empty `format` is the default format. Returns
  // kDateFormat with a description of the problem, and in Got the alternative, for anything else.
  static Result<DateFormat> Compile(std::string_view format);
  // Returns nullopt if no alternative matches all of `text`.
  std::optional<Millis> Parse(std::string_view text, const DateDefaults& defaults = {}) const;
  // Prints a time in UTC in the first alternative.
  std::string Print(Millis time) const;
  // Whether a value contains words of a language, such as names of months.
  bool HasWords() const;

 private:
  enum class Epoch { kNone, kMillis, kSeconds };
  struct Alternative {
    Epoch epoch = Epoch::kNone;
    DatePattern reads, prints;
  };
  static Result<Alternative> CompileOne(std::string_view format);
  std::vector<Alternative> alternatives_;
};

}  // namespace trine::format
