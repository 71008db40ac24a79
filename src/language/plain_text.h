// Helpers for text from a catalogue or a question. Thread-safe. Any bytes are accepted.
#pragma once

#include <string>
#include <string_view>

namespace trine::language {

// Whether the text contains a Hangul syllable.
bool HasHangul(std::string_view text);

// Catalogue text as one line of plain text: format::Printable, and '<' and '>' become '/'. Cut to at most
// `max_bytes` at a character boundary.
std::string PlainLine(std::string_view text, size_t max_bytes);

}  // namespace trine::language
