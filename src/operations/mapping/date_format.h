// DateFormat: the date format of a field ("strict_date_optional_time||epoch_millis", "yyyy-MM-dd HH:mm"),
// compiled once and used for every value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace trine::operations {

// The format of a date field whose mapping sets none.
inline constexpr std::string_view kDefaultDateFormat = "strict_date_optional_time||epoch_millis";

// Alternatives joined by "||", tried in order. Immutable; thread-safe.
class DateFormat {
 public:
  // Named formats (strict_date_optional_time, date_optional_time, epoch_millis, epoch_second, date,
  // basic_date, date_time ...) or patterns of y M d H m s S, quoted literals, [optional parts] and zone
  // letters. Returns kDateFormat with a description of the problem for anything else.
  static Result<DateFormat> Compile(std::string_view format);
  // Parses `text`, as UTC if it has no zone. Returns nullopt if no alternative matches all of it.
  std::optional<Millis> Read(std::string_view text) const;

  // One step of a pattern. Public for the matcher only.
  struct Part {
    enum class Kind { kNumber, kFraction, kLiteral, kZone, kOpen, kClose } kind = Kind::kLiteral;
    char letter = 0;          // kNumber: one of y M d H m s
    size_t min = 0, max = 0;  // digits
    std::string literal;
    size_t close = 0;  // kOpen: index of the kClose that ends the optional part
  };

 private:
  enum class Epoch { kNone, kMillis, kSeconds };
  struct Alternative {
    Epoch epoch = Epoch::kNone;
    std::vector<Part> parts;
  };
  static Result<Alternative> CompileOne(std::string_view format);
  std::vector<Alternative> alternatives_;
};

}  // namespace trine::operations
