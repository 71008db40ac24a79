// Decimal: a decimal number of any size and precision, read from text without rounding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trine::format {

// Value semantics. The number is 0.digits * 10^exponent, with the sign of `negative`. `digits` has no zero
// at either end; it is empty for zero, which is never negative.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;

  // Reads all of `text`: an optional sign, digits with an optional point, and an optional exponent ("+5",
  // "-1.10", ".5", "5.", "1e3"). Returns nullopt for anything else. An exponent beyond +-2^60 counts as that.
  static std::optional<Decimal> Parse(std::string_view text);

  // The number without its fraction. `fits` is false if the magnitude needs more than 64 bits; then
  // `magnitude` has no meaning.
  struct Whole {
    bool fits = true, has_fraction = false;
    uint64_t magnitude = 0;
  };
  Whole Truncate() const;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

}  // namespace trine::format
