// Words of a question that name nothing: stop words, nouns for anything at all, counters.
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace trine::language {

// Whether a word belongs to the phrasing of a question and not to its subject ("요즘", "추천", "please",
// "before"). Negations are marks of refusal (refusal_marks.h).
bool IsStopWord(std::string_view folded);
// Whether a word is a noun for anything at all ("things", "물건"). A catalogue may have it as a word of its
// own.
bool IsGenericNoun(std::string_view folded);
// Whether a word may stand between a mark of refusal and what it refuses ("the", "거").
bool IsRefusalLink(std::string_view folded);

// Replaces the words that count things with blanks, and those that leave a property open: "a pair of shoes",
// "two mugs", "머그컵 두 개", "another colour". Names for which `is_name` is true are kept.
void BlankCounts(const std::function<bool(std::string_view)>& is_name, std::string* folded);

}  // namespace trine::language
