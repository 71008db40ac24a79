// Helpers for text from a catalogue or a question. Thread-safe. Any bytes are accepted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// Whether the text contains a Hangul syllable.
bool HasHangul(std::string_view text);

// A word of a text, as bytes [begin, end).
struct WrittenWord {
  size_t begin = 0, end = 0;
  bool after_punctuation = false;  // something other than blanks is between it and the word before
};
// The words of a text: what is between blanks and punctuation (.;!?,:()[]"). A full stop or a comma between
// digits is part of a number.
std::vector<WrittenWord> SplitAtBlanks(std::string_view text);
// Whether the byte at `at` ends a clause: one of .;!? or a line break, but not inside a number. Requires at <
// text.size().
bool EndsClause(std::string_view text, size_t at);

// Catalogue text as one line of plain text: format::Printable, and '<' and '>' become '/'. Cut to at most
// `max_bytes` at a character boundary.
std::string PlainLine(std::string_view text, size_t max_bytes);

}  // namespace trine::language
