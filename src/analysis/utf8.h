// UTF-8 inside the analysis floor: reading code points, and counting in UTF-16 units as clients do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trine::analysis {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Whether every byte belongs to a well-formed sequence.
bool IsWellFormed(std::string_view text);
// `text` with each maximal broken part replaced by U+FFFD, as browsers and the JVM do.
std::string ReplaceIllFormed(std::string_view text);

// Reads the code point at *at and moves *at behind it. Requires well-formed text and *at < size.
inline char32_t Decode(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  const char32_t lead = byte(*at);
  if (lead < 0x80) return *at += 1, lead;
  if (lead < 0xE0) {
    const char32_t c = (lead & 0x1F) << 6 | (byte(*at + 1) & 0x3F);
    return *at += 2, c;
  }
  if (lead < 0xF0) {
    const char32_t c = (lead & 0x0F) << 12 | (byte(*at + 1) & 0x3F) << 6 | (byte(*at + 2) & 0x3F);
    return *at += 3, c;
  }
  const char32_t c = (lead & 0x07) << 18 | (byte(*at + 1) & 0x3F) << 12 | (byte(*at + 2) & 0x3F) << 6 |
                     (byte(*at + 3) & 0x3F);
  return *at += 4, c;
}

// Appends one code point; surrogates and values past U+10FFFF become U+FFFD.
void AppendUtf8(char32_t c, std::string* out);

inline uint32_t Utf16Units(char32_t c) { return c >= 0x10000 ? 2 : 1; }
// UTF-16 units of well-formed text.
uint32_t Utf16Length(std::string_view text);
// Code points of well-formed text.
size_t CountCodePoints(std::string_view text);

// Turns ascending byte positions of one text into UTF-16 positions, in one pass. The text outlives it.
class Utf16Cursor {
 public:
  explicit Utf16Cursor(std::string_view text) : text_(text) {}
  // Requires byte >= that of the call before, at a code point's edge.
  uint32_t At(size_t byte) {
    units_ += Utf16Length(text_.substr(byte_, byte - byte_));
    byte_ = byte;
    return units_;
  }

 private:
  std::string_view text_;
  size_t byte_ = 0;
  uint32_t units_ = 0;
};

}  // namespace trine::analysis
