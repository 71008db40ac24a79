// QueryIntent: the meaning of a shopper's question.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

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
};

struct QueryIntent {
  std::string language;                        // "ko" or "en"
  std::vector<std::string> keywords;           // content words, in the catalogue's spelling if it has one
  std::vector<std::string> expansions;         // other catalogue words for the keywords and wishes
  FacetValues facets;                          // values that the question names
  std::vector<IntentTerm> terms;               // the keywords and wishes in the user's words
  FacetValues excluded;                        // values that products must not have ("케이블 말고")
  std::vector<std::string> excluded_words;     // unwanted words that name no value: titles must not have them
  std::optional<double> price_min, price_max;  // inclusive, in the catalogue's currency
  std::string currency;  // the currency of the price as stated: "KRW" "USD" "EUR" "GBP"; empty: not stated
  bool price_ignored = false;  // `currency` is not the catalogue's, so no bound was set
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
