// The table of marks of refusal and negation: the words which say that a question does not want what is
// beside them ("말고", "not", "anything but"), with what each of them binds and its source. All readers of
// refusals take their words from it: refusal.h (what is refused), bounds.h and bound_negation.h (numbers and
// bounds) and claim.h (names that deny a word).
//
// All functions are thread-safe and take folded text (analysis::Fold). Any bytes are accepted.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace trine::language {

enum class MarkLanguage { kKorean, kEnglish };

// Where a mark is, seen from what it binds.
enum class MarkSide {
  kAfter,   // as Korean predicates: "블랙 말고"
  kBefore,  // as English negations: "not black"
  kBeside   // on either side, as interjections: "블랙 ㄴㄴ", "ew, black"
};

enum class MarkForm {
  kWord,    // a whole word, or several with one blank between them
  kStem,    // the beginning of a word, with any ending
  kJoined,  // a stem that may also be written together with the word before it: "기모없는"
  kLast,    // a whole word that is a mark at the end of a clause; elsewhere it is unclear, because it is an
            // ordinary word too
  kAlone,   // a whole word that is a mark only as a clause of its own: "black? pass"
  kVerb,    // negates the verb that follows: RefusingVerb tells whether that verb refuses
  kExceptive,  // a word that is a mark after "any", "every" or "all", with words between: "any brand but"
  kBetween     // a word that is a mark between two things of one kind: "red over black"
};

enum class MarkSense {
  kRefuses,
  kUnclear,  // may refuse what it binds, which is neither wanted nor excluded: "not only", "ew"
  kNothing,  // a phrase that begins like a mark, refuses nothing and names nothing: "not sure", "상관없"
  kOrdinary  // begins like a mark, and names something: "빼빼로", "no entry"
};

// The things that a mark binds; a mark may bind several of these. A mark is a mark to the readers of its
// scopes only.
using MarkScopes = unsigned;
inline constexpr MarkScopes kNoun = 1;    // a word or a value: products that have it are not wanted
inline constexpr MarkScopes kNumber = 2;  // a number without a bound, alone or with its noun: "55 말고"
// A clause with a bound, which the mark turns round: "5 이상은 안 돼요".
inline constexpr MarkScopes kBound = 4;
// A word in the name of a product, which does not have it: "기모 없는 후디".
inline constexpr MarkScopes kName = 8;

enum class MarkSource {
  // Standard Korean Language Dictionary of the National Institute of Korean Language (표준국어대사전): 말다,
  // 빼다, 제외, 배제, 아니다, 없다, 싫다, 별로, 외, 사절, 사양, 금지, 질색
  kSkld,
  // dictionary.cambridge.org: the grammar's "Negation", "Except", "But" as a preposition, "Rather",
  // "Neither",
  // auxiliary verbs, and the dictionary's entries of verbs that refuse
  kCambridge,
  kUsage  // words of messages that neither of the two lists as marks
};

struct Mark {
  MarkLanguage language;
  MarkSide side;
  MarkForm form;
  MarkSense sense;
  MarkScopes scopes;
  std::string_view words;  // folded
  MarkSource source;
  bool Binds(MarkScopes scope) const { return (scopes & scope) != 0; }
};

// All marks; no two have the same words.
std::span<const Mark> Marks();
// The marks that begin with the first two bytes of a text, which are few. Empty for a shorter text.
std::span<const Mark* const> MarksBeginningLike(std::string_view text);

// The marks that may be written together with the word before them.
std::span<const Mark* const> JoinedMarks();

// A mark in a text, with its bytes [begin, end). The ending of a Korean word belongs to it.
struct MarkPlace {
  const Mark* mark = nullptr;  // never nullptr
  size_t begin = 0, end = 0;
};
// The mark of the given scope that follows at `at` and binds what is before it; nullopt if there is none, or
// if the longest words at that place are a phrase that refuses nothing. Words that may be ordinary ones
// (MarkForm::kLast) are marks here, because they are beside a number, a bound or a name. Requires at <=
// text.size().
std::optional<MarkPlace> MarkAt(std::string_view text, size_t at, MarkScopes scope);
// The same for a mark that ends at `end` and binds what is behind it.
std::optional<MarkPlace> MarkBefore(std::string_view text, size_t end, MarkScopes scope);

// A negated verb such as the "want" of "don't want".
enum class NegatedVerb {
  kOther,    // any other verb is negated itself: "doesn't leak"
  kRefuses,  // refuses its object: "don't want a tent"
  kNothing   // with it nothing is refused: "I don't know which tent"
};
NegatedVerb NegatedVerbOf(std::string_view verb);
// Whether a bound or a number that describes the object of the negated verb is negated too: "don't want a
// tent over 5".
bool NegatesObject(std::string_view verb);

// The wish or the order that the refusal of a word means ("무거운": "가벼운"); empty if there is none.
std::string_view OppositeOf(std::string_view word);

// The words that may be between a negation and the bound that it negates: "not [going] over 5".
std::span<const std::string_view> BoundBridges();

}  // namespace trine::language
