// The marks of refusal in a question ("말고", "싫어", "not", "anything but") and the stretches of text in
// which the refused words are. Which of those words are refused depends on the catalogue: question_reader.h.
//
// All functions are thread-safe and take folded text (analysis::Fold). Any bytes are accepted.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

struct RefusalMark {
  size_t begin = 0, end = 0;   // bytes [begin, end) of the mark
  size_t from = 0, until = 0;  // bytes [from, until) of the clause that the refused words are in
  bool precedes = false;       // the mark precedes the refused words, as in English; else it follows them
  bool unclear = false;        // "not only": what it stands beside is neither refused nor demanded
  bool negates_one_word =
      false;  // "무겁지 않은", "doesn't leak": [from, until) is one word, which is negated
};

// Whether a word or words with blanks between them belong to the catalogue: they are a value or a title has
// them. A mark is none in such a name ("노 브라", "skip hop").
using IsCatalogueName = std::function<bool(std::string_view)>;

// The marks of a question, in its order, without overlaps. Takes the result of SeparateMarks.
std::vector<RefusalMark> FindRefusalMarks(std::string_view text, const IsCatalogueName& is_name);

// Writes marks that are part of a word as words of their own: "기모없는" as "기모 없는", "leather-free" as
// "no leather", unless the catalogue has the word.
std::string SeparateMarks(std::string_view text, const IsCatalogueName& is_name);

// The wish or the order that the refusal of a word means ("무거운": "가벼운"); empty: none.
std::string_view OppositeOf(std::string_view word);

}  // namespace trine::language
