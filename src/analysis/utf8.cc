#include "analysis/utf8.h"

#include <unicode/utf8.h>

namespace trine::analysis {

bool IsWellFormed(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  size_t i = 0;
  while (i < text.size()) {
    if (s[i] < 0x80) {
      ++i;
      continue;
    }
    UChar32 c;
    U8_NEXT(s, i, text.size(), c);
    if (c < 0) return false;
  }
  return true;
}

std::string ReplaceIllFormed(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  std::string out;
  out.reserve(text.size() + 16);
  size_t i = 0;
  while (i < text.size()) {
    UChar32 c;
    U8_NEXT_OR_FFFD(s, i, text.size(), c);
    AppendUtf8(static_cast<char32_t>(c), &out);
  }
  return out;
}

void AppendUtf8(char32_t c, std::string* out) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacementCharacter;
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

uint32_t Utf16Length(std::string_view text) {
  uint32_t units = 0;
  for (const char ch : text) {
    const auto b = static_cast<unsigned char>(ch);
    units += ((b & 0xC0) != 0x80) + (b >= 0xF0);
  }
  return units;
}

size_t CountCodePoints(std::string_view text) {
  size_t count = 0;
  for (const char ch : text) count += (static_cast<unsigned char>(ch) & 0xC0) != 0x80;
  return count;
}

}  // namespace trine::analysis
