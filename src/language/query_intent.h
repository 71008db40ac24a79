// QueryIntent: the meaning of a shopper's question.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "language/bounds.h"
#include "language/quantity.h"

namespace trine::language {

using FacetValues = std::vector<std::pair<std::string, std::vector<std::string>>>;  // field -> values

// One thing that the question asks for: the user's own word, and the words that a product may use for it.
struct IntentTerm {
  std::string surface;                // as written, without a particle: "가벼운", "검정", "체어"
  std::vector<std::string> synonyms;  // other words for the same thing
  bool covered_by_facet = false;      // a facet value of the intent expresses it
  bool is_wish = false;               // a soft wish, which a product need not meet
  // The head of the phrase, which the other words only describe: the last noun of a compound. Never set for a
  // wish or for a term that a facet covers.
  bool is_head = false;
  bool by_weight =
      false;  // "light": products are ordered by weight, so that one with a weight need not say it
  std::vector<std::string> alternatives = {};  // words that are as good: "레드" of "네이비나 레드"
};

// A part of a question that could not be checked, because nothing is known about it.
struct UncheckedPart {
  std::string key;   // as UnmetParts (claim.h) names the part
  std::string text;  // as written in the question; may be empty
  enum class About {
    kWord,
    kPrice,
    kCurrency,
    kUnknownCurrency,  // compared with the bare prices, which may be in another currency
    kWeight,
    kQuantity,
    kStock,
    kNewest,
    kPopular,
    kRefusal,  // refused in a way that could not be applied: such products may be shown
    kKind  // products are called by the word and another one behind it, so that they may be something else
  } about = About::kWord;
  std::string currency = {};  // kCurrency, kUnknownCurrency: that of the amount
};
// The keys of parts that are not words of the question.
inline constexpr const char* kPricePart = "price";
inline constexpr const char* kStockPart = "stock";

struct QueryIntent {
  std::string language;                   // "ko" or "en"
  std::vector<std::string> keywords;      // content words, in the catalogue's spelling if it has one
  std::vector<std::string> expansions;    // other catalogue words for the keywords and wishes
  FacetValues facets;                     // values that the question names
  std::vector<IntentTerm> terms;          // the keywords and wishes in the user's words
  FacetValues excluded;                   // values that products must not have ("케이블 말고")
  std::vector<std::string> excluded_ids;  // of IntentOptions::ids, those that the question refuses
  // Unwanted words, or several words with blanks between, that name no value: titles must not have them.
  std::vector<std::string> excluded_words;
  // The folded question with blanks in place of what it refuses; empty if it refuses nothing.
  std::string wanted_text;
  Bounds price;          // in the catalogue's currency
  std::string currency;  // that of the price, else the first that the question states: "KRW" ...; empty: none
  bool price_ignored = false;        // an amount is not in the catalogue's currency, so that it set no bound
  std::vector<Quantity> quantities;  // numbers that are not prices, with their units: "1kg 이하", "4인용"
  std::vector<Quantity> excluded_quantities;  // exact ones that products must not have ("1인용 말고")
  bool in_stock = false;  // asks for products that can be bought now, and the catalogue knows them
  // Conditions that were understood or read but cannot be checked in this catalogue. An answer names them and
  // does not claim that products meet them.
  std::vector<UncheckedPart> unchecked;
  enum class Sort { kRelevance, kPriceAsc, kPriceDesc, kNewest, kPopular, kLightest } sort = Sort::kRelevance;
  // Whether the answer must be in the order of `sort` ("the cheapest"); otherwise `sort` is a preference.
  bool superlative = false;
  std::vector<std::string> wants;  // names of soft wishes: "light", "warm", "waterproof", "quiet" ...
  std::string use;                 // "camping", "office", "weekend", "gift" ...; empty: none
  std::string season;              // "spring" "summer" "autumn" "winter"; empty: none
  bool outfit = false;             // asks what to wear: garments that go together
  bool open = false;  // open-ended: names no product, value or wish: "추천해줘", "what do you recommend?"
  double specificity = 0;  // from 0 (browsing) to 1 (one named product)
  std::string provider;    // the parser that read the question: "builtin"
};

}  // namespace trine::language
