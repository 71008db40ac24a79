#include "catalogue/field_number.h"

#include <limits>
#include <string_view>

#include "base/text.h"
#include "format/text.h"

namespace trine::catalogue {
namespace {

using format::Decimal;
using format::Json;

// Removes what Java's Double.parseDouble ignores: blanks and control characters around a number, and a type
// suffix.
std::string_view StripNumber(std::string_view text) {
  const auto ignored = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && ignored(text.front())) text.remove_prefix(1);
  while (!text.empty() && ignored(text.back())) text.remove_suffix(1);
  const char last = text.empty() ? '\0' : ToLowerAscii(text.back());
  if (text.size() > 1 && (last == 'd' || last == 'f') && text[text.size() - 2] <= '9') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Decimal> ReadDecimal(FieldType type, const Json& value) {
  if (value.is_number()) return Decimal::Parse(format::ToString(value));
  if (!value.is_string()) return std::nullopt;
  const bool exact = type == FieldType::kLong || type == FieldType::kUnsignedLong;
  return Decimal::Parse(exact ? std::string_view(value.string()) : StripNumber(value.string()));
}

std::optional<double> ReadReal(const Json& value) {
  if (value.is_number()) return value.number();
  if (!value.is_string()) return std::nullopt;
  std::string_view text = StripNumber(value.string());
  if (text.starts_with('+') && text.size() > 1 && (IsAsciiDigit(text[1]) || text[1] == '.'))
    text.remove_prefix(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity" || text == "+Infinity") return kInfinity;
  if (text == "-Infinity") return -kInfinity;
  return format::ParseDouble(text);
}

StoredInteger ToStored(FieldType type, const Decimal& number) {
  constexpr uint64_t kTwo63 = uint64_t{1} << 63;
  const Decimal::Whole whole = number.Truncate();
  const bool negative = number.negative && whole.magnitude != 0;
  StoredInteger out;
  if (!whole.fits) return {false, 0};
  if (type == FieldType::kUnsignedLong) {
    return negative ? StoredInteger{false, 0} : StoredInteger{true, StoredUnsigned(whole.magnitude)};
  }
  if (whole.magnitude > kTwo63 - (negative ? 0 : 1)) return {false, 0};
  out.stored = static_cast<int64_t>(negative ? 0 - whole.magnitude : whole.magnitude);
  const IntegerRange range = RangeOf(type);
  out.inside = out.stored >= range.lowest && out.stored <= range.highest;
  return out;
}

}  // namespace trine::catalogue
