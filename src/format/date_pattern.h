// DatePattern: one date pattern, compiled. The letters are those of java.time.format.DateTimeFormatter, which
// OpenSearch uses: "yyyy-MM-dd", "dd MMM yyyy", "uuuu-'W'ww-e['T'HH:mm][X]".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/date_fields.h"

namespace trine::format {

// Immutable; thread-safe.
class DatePattern {
 public:
  // Letters of java.time with English names of months, days, eras, and halves of the day; quoted literals,
  // [optional parts], and p for padding. Returns kDateFormat, with the detail "problem", for anything that
  // java.time rejects. The letter B (parts of the day) knows AM and PM, as the root locale does.
  //
  // With `extended`, a run of letters may be followed by the number of digits that it reads, "H{1,2}", which
  // java.time has no letters for.
  static Result<DatePattern> Compile(std::string_view pattern, bool extended = false);

  // The fields of `text`; nullopt if the pattern does not match all of it. Zones are read in every ISO 8601
  // form, whatever their letter; the letter V also reads names of the time zone database, and v and z read
  // these and English names.
  std::optional<DateFields> Parse(std::string_view text) const;
  // Prints a time in UTC. Parts that are optional when parsing are printed.
  std::string Print(const DateFields& fields) const;
  // Whether the pattern contains words of a language (names of months, days, eras or halves of the day).
  bool HasWords() const;

  // One step of a pattern. Public for the matcher only.
  struct Part {
    enum class ZoneNames : uint8_t { kNone, kRegions, kAll };
    enum class Kind : uint8_t { kNumber, kFraction, kText, kLiteral, kZone, kOpen, kClose, kPad };
    Kind kind = Kind::kLiteral;
    DateField field = DateField::kCount;
    uint8_t min = 1, max = 1;                 // kNumber, kFraction: digits. kPad: max is the width
    bool is_year = false;                     // kNumber: may have a sign
    bool sign_if_longer = false;              // kNumber: more than `min` digits only after a plus sign
    bool two_digit_year = false;              // kNumber: counts from 2000
    std::span<const std::string_view> names;  // kText: by value
    int64_t first = 0;                        // kText: the value of names[0]
    std::string literal;                      // kLiteral; kZone: how UTC is printed
    ZoneNames zone_names = ZoneNames::kNone;  // kZone: the names that are read besides offsets
    size_t close = 0;                         // kOpen: index of the kClose that ends the optional part
  };

 private:
  std::vector<Part> parts_;
};

}  // namespace trine::format
