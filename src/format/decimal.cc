#include "format/decimal.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/text.h"

namespace trine::format {
namespace {

// Consumes the digits at the front of `text`.
std::string_view TakeDigits(std::string_view* text) {
  const auto end = std::find_if_not(text->begin(), text->end(), IsAsciiDigit);
  const std::string_view digits = text->substr(0, static_cast<size_t>(end - text->begin()));
  text->remove_prefix(digits.size());
  return digits;
}

bool TakeSign(std::string_view* text, bool* negative) {
  if (!text->starts_with('-') && !text->starts_with('+')) return false;
  *negative = text->front() == '-';
  text->remove_prefix(1);
  return true;
}

}  // namespace

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  constexpr int64_t kLargestExponent = int64_t{1} << 60;
  Decimal number;
  TakeSign(&text, &number.negative);
  const std::string_view whole = TakeDigits(&text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = TakeDigits(&text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    bool down = false;
    TakeSign(&text, &down);
    const std::string_view power = TakeDigits(&text);
    if (power.empty()) return std::nullopt;
    const auto failed =
        std::from_chars(power.data(), power.data() + power.size(), number.exponent).ec != std::errc();
    if (failed || number.exponent > kLargestExponent) number.exponent = kLargestExponent;
    if (down) number.exponent = -number.exponent;
  }
  if (!text.empty()) return std::nullopt;
  number.digits.reserve(whole.size() + fraction.size());
  number.digits.append(whole).append(fraction);
  number.exponent += static_cast<int64_t>(whole.size());
  const size_t zeros = std::min(number.digits.find_first_not_of('0'), number.digits.size());
  number.digits.erase(0, zeros);
  number.exponent -= static_cast<int64_t>(zeros);
  number.digits.erase(number.digits.find_last_not_of('0') + 1);
  if (number.digits.empty()) return Decimal{};
  return number;
}

Decimal::Whole Decimal::Truncate() const {
  constexpr int64_t kMostDigits = 20;  // of a number with 64 bits
  Whole whole;
  if (exponent <= 0) {
    whole.has_fraction = !digits.empty();
    return whole;
  }
  if (exponent > kMostDigits) {
    whole.fits = false;
    return whole;
  }
  std::string text = digits;
  text.resize(static_cast<size_t>(exponent), '0');
  whole.has_fraction = digits.size() > text.size();
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), whole.magnitude);
  TRINE_CHECK(end == text.data() + text.size());
  whole.fits = failed == std::errc();
  return whole;
}

}  // namespace trine::format
