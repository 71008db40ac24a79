// UTF-8: validation, repair, encoding and decoding. Sequences are those of table 3-7 of the Unicode Standard,
// without surrogates and overlong forms. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

namespace trine {

inline constexpr char32_t kReplacementCharacter = 0xfffd;

// Whether all of `text` is valid UTF-8 (simdjson's vectorized validator).
bool IsValidUtf8(std::string_view text);
// The length of the longest valid UTF-8 prefix; text.size() when the whole text is valid.
size_t ValidUtf8Prefix(std::string_view text);

// Appends one code point; surrogates and values above U+10FFFF are appended as U+FFFD.
void AppendUtf8(char32_t c, std::string* out);

// Appends `text` with each maximal invalid part replaced by one U+FFFD (the practice of Unicode 15,
// section 3.9, which browsers and the JVM follow).
void AppendSanitizedUtf8(std::string_view text, std::string* out);

// The longest prefix of `text` that has at most `bytes` bytes and ends between characters. Requires valid
// UTF-8 for that; of other text it returns some prefix of at most `bytes` bytes.
std::string_view CutUtf8(std::string_view text, size_t bytes);

// The number of bytes (0 to 3) at the end of `text` that begin a sequence without completing it. A stream may
// complete it with its next piece.
size_t IncompleteUtf8Suffix(std::string_view text);

// Reads the code point at `*at` and moves `*at` behind it. Requires valid UTF-8 and that *at is the beginning
// of a sequence.
inline char32_t DecodeUtf8(std::string_view text, size_t* at) {
  TRINE_DCHECK_LT(*at, text.size());
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  const char32_t lead = byte(*at);
  if (lead < 0x80) return *at += 1, lead;
  TRINE_DCHECK(lead >= 0xc2 && lead <= 0xf4);
  if (lead < 0xe0) {
    TRINE_DCHECK_LE(*at + 2, text.size());
    const char32_t c = (lead & 0x1f) << 6 | (byte(*at + 1) & 0x3f);
    return *at += 2, c;
  }
  if (lead < 0xf0) {
    TRINE_DCHECK_LE(*at + 3, text.size());
    const char32_t c = (lead & 0x0f) << 12 | (byte(*at + 1) & 0x3f) << 6 | (byte(*at + 2) & 0x3f);
    return *at += 3, c;
  }
  TRINE_DCHECK_LE(*at + 4, text.size());
  const char32_t c = (lead & 0x07) << 18 | (byte(*at + 1) & 0x3f) << 12 | (byte(*at + 2) & 0x3f) << 6 |
                     (byte(*at + 3) & 0x3f);
  return *at += 4, c;
}

// The lengths of valid UTF-8 in UTF-16 code units and in code points. In other text each byte that is not a
// continuation byte counts as one sequence.
uint32_t Utf16Length(std::string_view text);
size_t CountCodePoints(std::string_view text);

}  // namespace trine
