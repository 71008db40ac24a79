// UTF-8 pieces that reader, writer and decoder share; checks for callers stand in text.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trine::format {

inline constexpr uint32_t kReplacement = 0xfffd;

// Appends a code point (at most 0x10ffff, no surrogate) as UTF-8.
void AppendUtf8(uint32_t code_point, std::string* out);

// Appends `text`, each maximal broken part as one U+FFFD (the practice of Unicode 15, section 3.9).
void AppendSanitizedUtf8(std::string_view text, std::string* out);

// Bytes (0 to 3) at the end of `text` that begin a code point and are cut off: a stream may complete them.
size_t IncompleteUtf8Suffix(std::string_view text);

}  // namespace trine::format
