// Bounds: ranges of numbers, and the words of a question that set them: "이하", "less than", "최대"; and the
// words that reject a number: "55 말고".
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace trine::language {

struct Bounds {
  std::optional<double> min, max;                     // min <= max when both are set
  bool min_exclusive = false, max_exclusive = false;  // the bound itself is outside
  bool empty() const { return !min && !max; }
  // Whether the number is inside. Numbers that differ by a billionth are equal, because masses are converted
  // between units. NaN is outside unless the bounds are empty.
  bool Contains(double number) const;
};

// The bounds of the numbers that are outside of these; nullopt for two bounds, of which the outside is not
// one range. Requires bounds that are not empty.
std::optional<Bounds> Inverted(const Bounds& bounds);

// A word that sets a bound on the number beside it.
struct BoundWord {
  std::string_view word;  // as in bound_words.inc
  bool upper = false;     // the number is the largest one; otherwise the smallest
  bool exclusive = false;
  bool before = false;  // the word precedes the number
  bool time = false;    // bounds only points and lengths of time ("since")
  // false: what the words around the number say together is not known: two negations, two words that exclude
  // each other ("at least 5 or less"), a negated limit ("no budget of 5").
  bool understood = true;
  bool negated = false;       // turned round by a negation
  size_t begin = 0, end = 0;  // bytes [begin, end) of the number together with the words
  // A negation that is apart from the number, with the bytes [apart_begin, apart_end); equal: none.
  size_t apart_begin = 0, apart_end = 0;
  // The bounds that the word sets with the number; empty if the word is not understood.
  Bounds Of(double number) const;
};
// The word (bound_words.inc) that sets a bound on the number at bytes [begin, end) of a text; nullopt if none
// does. A negation (bound_negation.h) turns the bound round: "not over" is an inclusive upper bound, "5
// 이하는 빼고" an exclusive lower one. Requires begin <= end <= text.size().
std::optional<BoundWord> FindBoundWord(std::string_view text, size_t begin, size_t end);

// Whether the text between two conditions makes them alternatives, either of which suffices: "or", "또는",
// "이거나". Words may follow the conjunction, or precede it.
bool AreAlternatives(std::string_view between);
// Whether a conjunction before or after a condition makes it one of several alternatives: "red or under 5".
bool IsAlternative(std::string_view text, size_t begin);

// Whether the text rejects the number at bytes [*begin, *end): "55 말고", "55 사이즈는 빼고", "not 55". If
// so, widens the range by the words that reject it. The same preconditions.
bool IsRejected(std::string_view text, size_t* begin, size_t* end);

// Whether the text between two numbers joins them, so that what is said of one applies to both.
bool IsListJoin(std::string_view between);   // "55, 66", "55나 66", "55 or 66"
bool IsRangeJoin(std::string_view between);  // "1~2", "1에서 2", "1 to 2"

// Whether two numbers at bytes [low_begin, low_end) and [high_begin, high_end) of a text are the ends of a
// range: "1~2", "between 1 and 2", "1과 2 사이". Requires that the second follows the first.
bool IsRange(std::string_view text, size_t low_begin, size_t low_end, size_t high_begin, size_t high_end);

}  // namespace trine::language
