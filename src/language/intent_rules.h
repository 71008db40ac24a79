// The rules that read a question, one function per part of an intent. Their Korean and English words are in
// tables in intent_words.cc and synonyms.cc.
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/query_intent.h"
#include "language/synonyms.h"
#include "language/vocabulary.h"

namespace trine::language {

// The name of the purpose ("camping") that the question mentions in any spelling; empty: none.
std::string FindUse(std::string_view folded);
// The name of the season ("autumn") that the question mentions; empty: none. Words such as "요즘" ("these
// days") mean `season_now`.
std::string FindSeason(std::string_view folded, std::string_view season_now);

struct RequestedSort {
  QueryIntent::Sort sort = QueryIntent::Sort::kRelevance;
  bool superlative = false;  // "제일 싼", "cheapest"
};
RequestedSort FindSort(std::string_view folded);
bool AsksForOutfit(std::string_view folded);
// Whether the question asks for products that can be bought now ("재고 있는", "in stock").
bool AsksForStock(std::string_view folded);
// Replaces the words that ask for them with blanks.
void BlankStockRequest(std::string* folded);

// A soft wish such as "light".
struct Wish {
  std::string name;
  std::vector<std::string> catalogue_words;    // the words that products use for it
  std::vector<std::string> matched_spellings;  // the spellings that occur in the question
  std::string surface;  // the whole word in the question ("가벼운"); set when the words are read
};
// Every wish that the question mentions in any spelling.
std::vector<Wish> FindWishes(std::string_view folded);
// Whether a word only expresses a wish, a price or a sort order ("가볍", "light", "만원").
bool IsWishWord(std::string_view folded);

// Whether a word only names a purpose or a season ("선물", "camping", "가을").
bool IsUseWord(std::string_view folded);

// The effect of a connecting word on the words beside it.
enum class Connective {
  kNone,
  kAnd,  // joins both sides: "그리고", "or"
  kOf    // the words after it describe those before: "for", "with"
};
Connective ConnectiveOf(std::string_view folded);
// Whether an ending joins a word to the next one ("랑", "와").
bool IsAndEnding(std::string_view folded);
// Whether a connective or an ending offers a choice: "or", "또는", "이나".
bool IsOr(std::string_view folded);

// A content word of a question, with the forms and synonyms that the rules found for it.
struct QuestionWord {
  std::string text;                       // without a particle; shown as a keyword
  std::vector<std::string> lookup_forms;  // to look up in the vocabulary, best first; `text` is among them
  std::vector<std::string> synonyms;      // for colours and goods: all words with the same meaning
  size_t segment = 0;                     // 0 holds the head; each "for" or "with" begins the next segment
  bool joined_to_next = false;            // by "and" or "or"
  bool or_next = false;                   // by "or": this word or the next one is wanted
  bool covered_by_facet = false;
  std::string ending = {};  // the end of the written word after `text`: the 해요 of "가능해요"
};
// Words [first, last) of a question that together name facet values.
struct Phrase {
  size_t first = 0, last = 0;
  std::vector<Vocabulary::Value> values;  // not empty
};
// The longest phrase (up to three words) that names facet values: at the end of the range [first, last) of
// `words` if `at_end`, else at its start. nullopt if there is none. Requires first <= last <= words.size().
std::optional<Phrase> FindPhrase(const Vocabulary& vocabulary, const std::vector<QuestionWord>& words,
                                 size_t first, size_t last, bool at_end);
// Adds to `facets` the values that the words name and sets covered_by_facet on the words that name them. A
// value that contradicts the head of the phrase is dropped, unless "and" joins the two.
void FindFacets(const Vocabulary& vocabulary, std::vector<QuestionWord>* words, FacetValues* facets);

// Removes the values of products for both genders from those that a phrase names. Who refuses products for
// women does not refuse those for everybody.
void KeepOneGender(const Vocabulary& vocabulary, std::vector<Vocabulary::Value>* values);

// Kinds of garments that make up an outfit, as catalogues call them.
const std::vector<std::string>& GarmentWords();

}  // namespace trine::language
