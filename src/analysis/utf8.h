// UTF-8 for analysis: code points, and offsets in UTF-16 units as OpenSearch counts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

namespace trine::analysis {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Whether all of `text` is well-formed UTF-8.
bool IsWellFormed(std::string_view text);
// `text` with each maximal ill-formed part replaced by U+FFFD, as browsers and the JVM do.
std::string ReplaceIllFormed(std::string_view text);

// Reads the code point at *at and moves *at to the next one. Requires well-formed text and *at < text.size().
inline char32_t Decode(std::string_view text, size_t* at) {
  TRINE_DCHECK_LT(*at, text.size());
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

// Converts ascending byte offsets of one text to UTF-16 offsets in one pass. Requires well-formed text, which
// must outlive the cursor.
class Utf16Cursor {
 public:
  explicit Utf16Cursor(std::string_view text) : text_(text) {}
  // Requires `byte` to be at a code point's boundary and not before that of the previous call.
  uint32_t At(size_t byte) {
    TRINE_DCHECK_GE(byte, byte_);
    TRINE_DCHECK_LE(byte, text_.size());
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
