// UTF-8 validation, repair, encoding and decoding. Valid sequences are those in table 3-7 of the Unicode
// Standard, which excludes surrogates and overlong forms. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

namespace trine {

inline constexpr char32_t kReplacementCharacter = 0xfffd;

// Returns true if all of `text` is valid UTF-8 (simdjson's vectorized validator).
bool IsValidUtf8(std::string_view text);
// Returns the length of the longest valid UTF-8 prefix: text.size() if all of `text` is valid.
size_t ValidUtf8Prefix(std::string_view text);

// Appends one code point; surrogates and values above U+10FFFF are appended as U+FFFD.
void AppendUtf8(char32_t c, std::string* out);

// Appends `text` with each maximal invalid part replaced with one U+FFFD, as Unicode 15 (section 3.9)
// recommends and browsers and the JVM do.
void AppendSanitizedUtf8(std::string_view text, std::string* out);

// Returns the longest prefix of `text` that has at most `bytes` bytes and ends between characters. If `text`
// is not valid UTF-8, the prefix still has at most `bytes` bytes but may be shorter than the longest.
std::string_view CutUtf8(std::string_view text, size_t bytes);

// Returns the number of bytes (0 to 3) at the end of `text` that begin a sequence without completing it. In a
// stream the next chunk may complete it.
size_t IncompleteUtf8Suffix(std::string_view text);

// Returns the code point at `*at` and moves `*at` past it. Requires valid UTF-8 and `*at` at the beginning of
// a sequence.
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

// Return the length of valid UTF-8 in UTF-16 code units and in code points. In invalid text each byte that is
// not a continuation byte counts as one sequence.
uint32_t Utf16Length(std::string_view text);
size_t CountCodePoints(std::string_view text);

}  // namespace trine
