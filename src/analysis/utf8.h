// Repairs text before analysis and converts offsets to UTF-16 units, which OpenSearch clients expect.
// Everything else about UTF-8 is in base/utf8.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"

namespace trine::analysis {

// `text` with each maximal ill-formed part replaced by U+FFFD.
inline std::string ReplaceIllFormed(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  AppendSanitizedUtf8(text, &out);
  return out;
}

inline uint32_t Utf16Units(char32_t c) { return c >= 0x10000 ? 2 : 1; }

// Converts ascending byte offsets of one text to UTF-16 offsets in one pass. Requires valid UTF-8, which must
// outlive the cursor.
class Utf16Cursor {
 public:
  explicit Utf16Cursor(std::string_view text) : text_(text) {}
  // `byte` must be a code point boundary and not less than in the previous call.
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
