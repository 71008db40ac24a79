// Numbers as text: strict parsers, shortest decimals, and Java's number formats.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/check.h"
#include "format/text.h"

namespace trine::format {
namespace {

template <typename T>
std::string Shortest(T v) {
  char buffer[40];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr};
}

// Formats like Java's Double.toString since JDK 19 (R. Giulietti, "The Schubfach way to render doubles"):
// with the fewest digits that read back as the same value, but at least two. If one digit would be enough,
// prints the two-digit decimal that is closest to the value.
template <typename T>
std::string JavaToString(T v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  if (v == 0) return std::signbit(v) ? "-0.0" : "0.0";
  char buffer[48];
  const T magnitude = std::abs(v);
  auto end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific).ptr;
  if (buffer[1] == 'e') {  // one digit
    end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific, 1).ptr;
  }
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  std::string digits(1, text[0]);
  digits += text.substr(2, e - 2);
  const int exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  std::string out = v < 0 ? "-" : "";
  if (magnitude >= T(1e7) || magnitude < T(1e-3)) {
    out += digits[0];
    out += '.';
    out += digits.substr(1);
    return out + "E" + std::to_string(exponent);
  }
  if (exponent < 0) {
    return out + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') +
           (digits[1] == '0' && digits.size() == 2 ? digits.substr(0, 1) : digits);
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() < whole + 1) digits.append(whole + 1 - digits.size(), '0');
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t v = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return v;
}

std::optional<double> ParseDouble(std::string_view text) {
  // from_chars also accepts "inf" and "nan", which no caller's format allows.
  const size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() == sign || !((text[sign] >= '0' && text[sign] <= '9') || text[sign] == '.'))
    return std::nullopt;
  double v = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (end != text.data() + text.size()) return std::nullopt;
  // from_chars reports both overflow and underflow as out of range; strtod distinguishes them.
  if (failed == std::errc::result_out_of_range) {
    const double near = std::strtod(std::string(text).c_str(), nullptr);
    return std::abs(near) < 1 ? std::optional<double>(near) : std::nullopt;
  }
  if (failed != std::errc()) return std::nullopt;
  return v;
}

std::string ShortestFloat(float v) { return Shortest(v); }
std::string ShortestDouble(double v) { return Shortest(v); }
std::string JavaFloat(float v) { return JavaToString(v); }
std::string JavaDouble(double v) { return JavaToString(v); }

std::string WithCommas(std::string digits) {
  TRINE_DCHECK(std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }));
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

}  // namespace trine::format
