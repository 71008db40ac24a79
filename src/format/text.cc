// Base64, percent encoding and lines.
#include "format/text.h"

#include <array>

#include "base/utf8.h"

namespace trine::format {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> MakeBase64Values() {
  std::array<int8_t, 256> values{};
  for (auto& v : values) v = -1;
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  return values;
}
constexpr auto kBase64Values = MakeBase64Values();

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t word = 0;
    for (size_t k = 0; k < 3; ++k) {
      word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) out += k <= n ? kAlphabet[(word >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

std::optional<std::string> UnBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    size_t n = 4;
    if (i + 4 == text.size()) {
      if (text[i + 3] == '=') n = text[i + 2] == '=' ? 2 : 3;
    }
    uint32_t word = 0;
    for (size_t k = 0; k < 4; ++k) {
      const int v = k < n ? kBase64Values[static_cast<unsigned char>(text[i + k])] : 0;
      if (v < 0) return std::nullopt;
      word = word << 6 | static_cast<uint32_t>(v);
    }
    // Unused bits must be zero; otherwise two texts would decode to the same bytes.
    if ((n == 2 && (word & 0xffff) != 0) || (n == 3 && (word & 0xff) != 0)) return std::nullopt;
    for (size_t k = 0; k + 1 < n; ++k) out += static_cast<char>((word >> (16 - 8 * k)) & 0xff);
  }
  return out;
}

std::optional<std::string> PercentDecode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && form) {
      out += ' ';
    } else if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string PercentEncode(std::string_view text, bool keep_slash) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::optional<std::string_view> NextLine(std::string_view* text, bool* ended) {
  if (text->empty()) return std::nullopt;
  const size_t newline = text->find('\n');
  const bool found = newline != std::string_view::npos;
  if (ended != nullptr) *ended = found;
  std::string_view line = text->substr(0, newline);
  text->remove_prefix(found ? newline + 1 : text->size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string Printable(std::string_view text, bool keep_newlines) {
  std::string clean, out;
  AppendSanitizedUtf8(text, &clean);
  out.reserve(clean.size());
  for (size_t i = 0; i < clean.size(); ++i) {
    const auto c = static_cast<unsigned char>(clean[i]);
    const auto at = [&](size_t n) { return static_cast<unsigned char>(clean[i + n]); };
    if (c < 0x20 || c == 0x7f) {
      if (c == '\n' && keep_newlines) {
        out += '\n';
      } else if (c >= '\t' && c <= '\r') {
        out += ' ';
      }
    } else if (c == 0xc2 && at(1) < 0xa0) {  // C1
      if (at(1) == 0x85) out += ' ';
      i += 1;
    } else if (c == 0xd8 && at(1) == 0x9c) {  // U+061C
      i += 1;
    } else if (c == 0xe2 && at(1) == 0x80 &&
               (at(2) == 0x8e || at(2) == 0x8f || (at(2) >= 0xa8 && at(2) <= 0xae))) {
      if (at(2) == 0xa8 || at(2) == 0xa9)
        out += ' ';  // U+2028, U+2029; else U+200E, U+200F, U+202A to U+202E
      i += 2;
    } else if (c == 0xe2 && at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9) {  // U+2066 to U+2069
      i += 2;
    } else {
      out += clean[i];
    }
  }
  return out;
}

}  // namespace trine::format
