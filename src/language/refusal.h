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

#include "language/plain_text.h"

namespace trine::language {

struct RefusalMark {
  size_t begin = 0, end = 0;   // bytes [begin, end) of the mark
  size_t from = 0, until = 0;  // bytes [from, until) of the clause that the refused words are in
  bool precedes = false;       // the mark precedes the refused words, as in English; else it follows them
  bool beside = false;         // the words may also follow, up to the byte `behind`: "ew, black"
  bool apart_before = false;   // punctuation is between the mark and the words before it
  bool apart_behind = false;   // or between the mark and what follows
  size_t behind = 0;           // the end of the clause after the mark
  bool ordinary = false;  // an ordinary word too: a mark only if something is beside it (MarkForm::kLast)
  bool unclear = false;   // "not only": the words beside it are neither refused nor demanded
  bool between = false;   // a mark only if the words on both sides are of one kind (MarkForm::kBetween)
  // With the mark before it, it may refuse a product that lacks something, which is to ask for that: "방수
  // [안 되는] 코트는 [싫어]", "[don't want] a coat [without] a hood".
  bool double_negation = false;
  bool negates_one_word =
      false;  // "무겁지 않은", "doesn't leak": [from, until) is one word, which is negated
};

// Whether a word or words with blanks between them belong to the catalogue: they are a value or a title has
// them. A mark in such a name ("노 브라", "skip hop") does not refuse anything.
using IsCatalogueName = std::function<bool(std::string_view)>;

// The marks of a question outside of `names`, in its order, without overlaps. Takes the result of
// SeparateMarks.
std::vector<RefusalMark> FindRefusalMarks(std::string_view text, const std::vector<WrittenWord>& names,
                                          const IsCatalogueName& is_name);

// The names of several words in a question that contain a mark, in its order, without overlaps: a value of
// the catalogue is a name as a whole ("not your mother's"), and so are phrases such as "no entry".
std::vector<WrittenWord> FindMarkedNames(std::string_view text, const IsCatalogueName& is_name);

// The beginning of the clause that ends at the byte `end`, not before `limit`. Requires limit <= end <=
// text.size().
size_t BeginOfClause(std::string_view text, size_t end, size_t limit);

// Writes marks that are part of a word as words of their own: "기모없는" and "노기모" as "기모 없는",
// "핑크빼고원피스" as "핑크 빼고 원피스", "leather-free shoes" and "leather free shoes" as "no leather;
// shoes", "non-red" as "no red;", "-black" as "without black", unless the catalogue has the word.
std::string SeparateMarks(std::string_view text, const IsCatalogueName& is_name);

}  // namespace trine::language
