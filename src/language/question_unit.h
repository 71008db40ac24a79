// The units of a question that is being read: its words, or the parts of compounds, with what is known
// about them. All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/intent_rules.h"
#include "language/vocabulary.h"
#include "language/word_reader.h"

namespace trine::language {

enum class Role { kWanted, kRefused, kDropped };

// A word of the question, or a part of a compound.
struct Unit {
  QuestionWord word;
  SurfaceWord written;
  std::string ending;      // the particles behind the word
  bool content = false;    // names something
  bool attribute = false;  // expresses a wish or an order, or has an opposite
  bool is_name = false;    // a name of several words that contains a mark of refusal: "not your mother's"
  bool is_link = false;    // stands between a mark and what it refuses: "거", "the"
  bool comma_before = false;
  bool last_part = true;     // of its written word
  bool ends_clause = false;  // "후디인데"
  Connective connective = Connective::kNone;
  Role role = Role::kWanted;
};

// Whether a word is in a title or names a value.
bool IsInCatalogue(const Vocabulary& vocabulary, const std::string& name);
// The words for the same colour or the same goods, including the given one; empty if there are none.
std::vector<std::string> SynonymsOf(const std::string& name);
// The words of a written word: one, in the catalogue's spelling if it has one, or the parts of a compound
// that the catalogue does not contain as one word. `vocabulary` may be nullptr.
std::vector<QuestionWord> WordsOf(const SurfaceWord& written, const Vocabulary* vocabulary);

// The forms in which a Korean predicate may describe a noun, from its stem: 맵 gives 매운, 맵은 and 맵는; 짜
// gives 짠 and 짜는. Not all of them exist. Empty if the stem does not end with a Hangul syllable.
std::vector<std::string> AttributiveForms(const std::string& stem);

// The attributive form of a negated Korean predicate that the catalogue has: 매운 for "안 매운" and "맵지
// 않은". Empty if it has none, and for nullptr.
std::string AttributiveInTitles(const SurfaceWord& predicate, const Vocabulary* vocabulary);
// The name that a Korean request is written together with: the 후드티 of "후드티추천해줘". Empty if the
// catalogue has none, and for nullptr.
std::string NameBeforeRequest(const std::string& written, const Vocabulary* vocabulary);

bool HasDigit(std::string_view text);
// Whether a word with a digit is the number of a model or an id ("q30", "b07xyz1234"), and not a quantity
// ("65w", "2인용").
bool IsModelWord(std::string_view word);

}  // namespace trine::language
