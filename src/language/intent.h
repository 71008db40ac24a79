// Intent: what a shopper's sentence asks for, by built-in rules and the catalogue's own words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"
#include "base/result.h"

namespace trine::language {

// What the catalogue talks about: facet values and which words go together. Immutable; thread-safe;
// built by whoever knows the catalogue, since language does not.
class Vocabulary {
 public:
  virtual ~Vocabulary() = default;
  struct Value {
    std::string field, value;
    uint32_t count = 0;
  };
  // Facet values that are called `folded` (spaces and English plurals do not count): whole, by one part of a
  // path, or by the last word of the last part ("블루투스 이어폰" by "이어폰").
  virtual std::vector<Value> FindValues(std::string_view folded) const = 0;
  // How many products have the word in a title, in the singular or plural; 0: unknown.
  virtual uint32_t TitleCount(std::string_view term) const = 0;
  // Words that stand for the same thing in this catalogue, strongest first ("체어" -> "의자", "chair").
  virtual std::vector<std::pair<std::string, double>> Related(std::string_view term, size_t limit) const = 0;
  virtual uint32_t product_count() const = 0;
  // The longest product name (folded, spaces removed) that occurs in the folded question, if any.
  virtual std::optional<std::string> NamedProduct(std::string_view folded_question) const = 0;
};
class VocabularyBuilder {
 public:
  explicit VocabularyBuilder(const analysis::Analyzers& analyzers);
  ~VocabularyBuilder();
  // `titles` in any language of one product; `facets` field -> value ("category", "패션>여성").
  void Add(const std::vector<std::string>& titles,
           const std::vector<std::pair<std::string, std::string>>& facets);
  std::shared_ptr<const Vocabulary> Build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

using FacetValues = std::vector<std::pair<std::string, std::vector<std::string>>>;  // field -> values

// One thing that the question asks for, in the person's own word, and how a product may say it.
struct Term {
  std::string said;               // "가벼운", "검정", "체어"
  std::vector<std::string> also;  // other words for the same
  bool claimed = false;           // a facet of the intent stands for it
  bool wish = false;              // a soft wish; need not be met
  // What the others only describe: the last noun of a compound. Never of a claimed term or a wish.
  bool head = false;
};

struct Intent {
  std::string language;                        // "ko" or "en"
  std::vector<std::string> keywords;           // content words as the catalogue may write them
  std::vector<std::string> expansions;         // the catalogue's other words for them
  FacetValues facets;                          // hard only when named outright
  std::vector<Term> terms;                     // what the keywords and wishes were made of
  FacetValues excluded;                        // values that must not be ("케이블 말고")
  std::vector<std::string> excluded_words;     // words that a title must not have, where no value says it
  std::optional<double> price_min, price_max;  // in the catalogue's currency
  std::string currency;                        // that the price named: "KRW" "USD" "EUR"; empty: none
  bool price_left_out = false;                 // `currency` is not the catalogue's; no bound was taken
  enum class Sort { kRelevance, kPriceAsc, kPriceDesc, kNewest, kPopular, kLightest } sort = Sort::kRelevance;
  bool superlative = false;        // "the cheapest": the sort is the order, not a wish
  std::vector<std::string> wants;  // soft wishes: "light", "warm", "waterproof", "quiet" ...
  std::string use;                 // "camping", "office", "weekend", "gift" ...; empty: none
  std::string season;              // "spring" "summer" "autumn" "winter"; empty: none
  bool outfit = false;             // asks what to wear: things that go together
  bool open = false;               // names nothing at all: "추천해줘", "what do you recommend?"
  double specificity = 0;          // 0 browsing .. 1 one named product
  std::string provider;            // "builtin"
};

// Thread-safe, under a millisecond, never fails: a question it cannot read gives its words. Text beyond
// limits::kMaxQuestionBytes is cut. `vocabulary` may be nullptr. `season_now` is used for "요즘", "이번
// 주말".
struct IntentOptions {
  std::string language = "auto";
  std::string season_now;
  std::string currency = {};  // of the catalogue; empty: unknown, then any number is taken as it is
};
Intent ParseIntent(std::string_view question, const Vocabulary* vocabulary,
                   const analysis::Analyzers& analyzers, const IntentOptions& options = {});

// Named parameters with at most one value each ("price under 50,000 won" -> max 50000) are one function
// each in intent_*.cc; the words they know, Korean and English, are tables.

}  // namespace trine::language
