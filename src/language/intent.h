// QueryIntent: the meaning of a shopper's question, found by built-in rules and the catalogue's own words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

// The words of a catalogue: its facet values, the words of its titles, and which words of different
// scripts name the same products. Made by VocabularyBuilder. Immutable, thread-safe.
class Vocabulary {
 public:
  struct Value {
    std::string field, value;
    uint32_t count = 0;  // products that have the value; at least 1
  };
  // The facet values that are called `folded`: by the whole value, by one level of a path, or by the last
  // word of the last level ("블루투스 이어폰" is found by "이어폰"). Spaces and English plurals are ignored.
  // Empty when no value is called so.
  std::vector<Value> FindValues(std::string_view folded) const;
  // The number of products with the word in a title, in the singular or the plural; 0 for an unknown word.
  uint32_t TitleCount(std::string_view term) const;
  // Words of the other script that share products with `term`, closest first, each with the cosine of the two
  // words' products ("체어": "chair"). At most `limit` of them.
  std::vector<std::pair<std::string, double>> Related(std::string_view term, size_t limit) const;
  uint32_t product_count() const { return product_count_; }
  // The longest product name (folded, without spaces) that occurs in `folded_question`. Names of fewer than
  // 8 bytes are ordinary words and are never found.
  std::optional<std::string> NamedProduct(std::string_view folded_question) const;

 private:
  friend class VocabularyBuilder;
  Vocabulary() = default;

  std::vector<Value> values_;
  std::unordered_map<std::string, std::vector<size_t>> values_by_name_;  // indexes into values_
  std::unordered_map<std::string, uint32_t> title_counts_;               // word -> products
  std::unordered_map<std::string, std::vector<std::pair<std::string, double>>> related_;
  std::vector<std::string> product_names_;  // longest first
  uint32_t product_count_ = 0;
};

// Collects the texts of a catalogue, product by product. Not thread-safe. `analyzers` must outlive it.
class VocabularyBuilder {
 public:
  explicit VocabularyBuilder(const analysis::Analyzers& analyzers);
  ~VocabularyBuilder();
  // Adds one product. `titles` are its names in any language; `facets` are pairs of field and value
  // ("category", "패션>여성"). Only the first 40 words of the titles count.
  void Add(const std::vector<std::string>& titles,
           const std::vector<std::pair<std::string, std::string>>& facets);
  // Call once, after the last Add.
  std::shared_ptr<const Vocabulary> Build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

using FacetValues = std::vector<std::pair<std::string, std::vector<std::string>>>;  // field -> values

// One thing that the question asks for, in the user's own word, and the words by which a product may express
// it.
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
  std::string language;                 // "ko" or "en"
  std::vector<std::string> keywords;    // content words, spelt as the catalogue spells them where it has them
  std::vector<std::string> expansions;  // other words of the catalogue for keywords and wishes
  FacetValues facets;                   // values that the question names
  std::vector<IntentTerm> terms;        // the keywords and wishes in the user's words
  FacetValues excluded;                 // values that products must not have ("케이블 말고")
  std::vector<std::string> excluded_words;     // unwanted words that name no value: titles must not have them
  std::optional<double> price_min, price_max;  // inclusive, in the catalogue's currency
  std::string currency;  // the currency of the price as stated: "KRW" "USD" "EUR" "GBP"; empty: not stated
  bool price_ignored = false;  // `currency` is not the catalogue's, so no bound was set
  enum class Sort { kRelevance, kPriceAsc, kPriceDesc, kNewest, kPopular, kLightest } sort = Sort::kRelevance;
  bool superlative = false;        // "the cheapest": `sort` is the order of the answer, not a preference
  std::vector<std::string> wants;  // names of soft wishes: "light", "warm", "waterproof", "quiet" ...
  std::string use;                 // "camping", "office", "weekend", "gift" ...; empty: none
  std::string season;              // "spring" "summer" "autumn" "winter"; empty: none
  bool outfit = false;             // asks what to wear: garments that go together
  bool open = false;  // open-ended: names no product, value or wish: "추천해줘", "what do you recommend?"
  double specificity = 0;  // from 0 (browsing) to 1 (one named product)
  std::string provider;    // the parser that read the question: "builtin"
};

struct IntentOptions {
  std::string language = "auto";  // "ko" and "en" are taken as given; anything else is detected
  std::string season_now;         // the season meant by "요즘" and "이번 주말"; empty: they mean none
  std::string currency = {};      // the catalogue's; empty: unknown, then any amount is used as it is
};
// Reads a question by the rules of intent_rules.h. Never fails: words that no rule understands become
// keywords. Text beyond limits::kMaxQuestionBytes is ignored. Without a `vocabulary` (nullptr)
// no facet is found. Thread-safe.
QueryIntent ParseIntent(std::string_view question, const Vocabulary* vocabulary,
                        const analysis::Analyzers& analyzers, const IntentOptions& options = {});

}  // namespace trine::language
