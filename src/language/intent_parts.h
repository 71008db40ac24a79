// The single parts of an intent, a function each; the words they know are tables beside them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/intent.h"

namespace trine::language {

struct PriceBounds {
  std::optional<double> min, max;
  std::string currency;  // that was named: "KRW" "USD" "EUR" "GBP"; empty: none
};
// "5만원 이하", "십만원 이하", "3만원대", "만원짜리", "1만원에서 2만원", "under $50", "50달러 이하", "between
// 20 and 40 dollars". `folded` is lower case.
PriceBounds FindPrice(std::string_view folded);
// Whether a word is an amount of money and nothing else ("오만원대", "10만원에서").
bool IsMoneyWord(std::string_view folded);

// The table's name of the first entry of which a spelling occurs; empty: none.
std::string FindUse(std::string_view folded);
std::string FindSeason(std::string_view folded, std::string_view season_now);
struct Order {
  Intent::Sort sort = Intent::Sort::kRelevance;
  bool superlative = false;  // "제일 싼", "cheapest"
};
Order FindOrder(std::string_view folded);
bool AsksForOutfit(std::string_view folded);

// Every wish whose spelling occurs, with the words that catalogues write for it; `said` are the
// spellings that did occur.
struct Wish {
  std::string name;
  std::vector<std::string> words, said;
  std::string word;  // the whole word in which it was said ("가벼운"), once the question is read
};
std::vector<Wish> FindWishes(std::string_view folded);
// Whether a word only says a wish, a price or a sort ("가볍", "light", "만원").
bool IsWishWord(std::string_view folded);

// Whether a word says only what for or when ("선물", "camping", "가을").
bool IsUseWord(std::string_view folded);

// Words for the same colour, the given one among them; empty: it is no colour.
std::vector<std::string> ColourWords(std::string_view folded);
// Other names of the same goods, the given one among them ("후드티": "후디", "hoodie"); empty: none known.
std::vector<std::string> SameGoods(std::string_view folded);
// Whom a thing is for: men or women, the other ones, and both.
struct PeopleWords {
  std::vector<std::string> these, others, both;
};
std::optional<PeopleWords> FindPeople(std::string_view folded);
bool IsPeopleField(std::string_view folded);  // "gender", "성별"
bool IsUnisex(std::string_view folded);       // "공용"

// How a word joins or turns what stands beside it.
enum class Link {
  kNone,
  kAnd,        // both sides: "그리고", "or"
  kNotBefore,  // what stands before is not wanted: "말고", "빼고"
  kNotAfter,   // what follows is not wanted: "except", "without"
  kOf          // what follows describes what stands before: "for", "with"
};
Link LinkOf(std::string_view folded, std::string_view next_folded);
// Whether an ending joins a word with the next one ("랑", "와").
bool IsAndEnding(std::string_view folded);

// The content words of a question and what was read off them.
struct Word {
  std::string text;                // as said; what keywords show
  std::vector<std::string> names;  // to look up, best first; `text` among them
  std::vector<std::string> same;   // colours and goods: other words for it
  size_t segment = 0;              // 0: the head's; what stands behind "for" is 1 and so on
  bool joined = false;             // with the next word, by "and"
  bool claimed = false;            // a facet stands for it
};
// Facets of the words, the last noun of the first segment ruling the others; marks the words that they claim.
void FindFacets(const Vocabulary& vocabulary, std::vector<Word>* words, FacetValues* facets);
// Values that `words` name where they stand (`[first, last)`), longest phrase at `at_end` or at the start.
struct Phrase {
  size_t first = 0, last = 0;
  std::vector<Vocabulary::Value> values;
};
std::optional<Phrase> FindPhrase(const Vocabulary& vocabulary, const std::vector<Word>& words, size_t first,
                                 size_t last, bool at_end);

// What an outfit is made of: names of garment kinds, as catalogues call them.
const std::vector<std::string>& GarmentWords();

}  // namespace trine::language
