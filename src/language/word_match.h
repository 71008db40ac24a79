// Where a word occurs in a folded text (analysis::Fold). Thread-safe. Any bytes are accepted.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace trine::language {

// The bytes [first, second) of the first occurrence of a folded word at or after `from`; nullopt if there is
// none. A Korean word of two or more syllables may be part of a longer word. A single syllable or a Latin
// word must stand alone; a Latin word also matches its plural. Requires from <= text.size().
std::optional<std::pair<size_t, size_t>> FindWord(std::string_view text, std::string_view word, size_t from);
bool HasWord(std::string_view text, std::string_view word);

}  // namespace trine::language
