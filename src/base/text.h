// String helpers that know only ASCII letters and blanks. All other bytes, including multi-byte UTF-8, pass
// through unchanged. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace trine {

constexpr bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }
constexpr char ToLowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char ToUpperAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
std::string ToLowerAscii(std::string_view text);
std::string ToUpperAscii(std::string_view text);

// Returns true if the strings are equal apart from the case of ASCII letters.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

inline constexpr std::string_view kBlanks = " \t\r\n";
// Returns `text` without the characters in `blanks` at either end.
std::string_view Trim(std::string_view text, std::string_view blanks = kBlanks);
// Returns true if `text` contains only characters in `blanks`, or is empty.
bool IsBlank(std::string_view text, std::string_view blanks = kBlanks);

}  // namespace trine
