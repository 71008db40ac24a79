// Words of a sentence as questions are read: content morphemes with what they looked like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

// Terms of `text` by the Korean analyzer when it has Hangul and the dictionary is there (it reads Latin
// words too), else words by spaces with and without a Korean particle at their end; never stemmed. The
// alternatives at one position are kept together, the shortest first.
struct WordGroup {
  std::vector<std::string> forms;
};
std::vector<WordGroup> ReadWords(std::string_view text, const analysis::Analyzers& analyzers);

// Words that say how something is asked, not what ("요즘", "추천", "please", "looking").
bool IsStopWord(std::string_view folded);

// Valid UTF-8 of at most `bytes`, cut between characters.
std::string_view CutUtf8(std::string_view text, size_t bytes);

// Length in UTF-16 code units.
size_t Utf16Length(std::string_view utf8);

// Whether there is a Hangul syllable in it.
bool HasHangul(std::string_view text);

}  // namespace trine::language
