// ParseIntent: finds the intent of a shopper's question with built-in rules and the catalogue's own words.
#pragma once

#include <string>
#include <string_view>

#include "analysis/analyzer.h"
#include "language/price_summary.h"
#include "language/query_intent.h"
#include "language/vocabulary.h"

namespace trine::language {

struct IntentOptions {
  std::string language = "auto";  // "ko" or "en"; with any other value it is detected
  std::string season_now;         // the season meant by "요즘" and "이번 주말"; empty: none
  std::string currency = {};      // the catalogue's currency; empty: unknown
  // With an unknown currency: those that the catalogue's prices cannot be in. An amount in another currency
  // is compared with the prices as they are.
  std::vector<std::string> other_currencies = {};
  // With an unknown currency: those that the prices can be in. If there are several, an amount in one of them
  // is compared with the prices, and is unchecked. Empty: not judged.
  std::vector<std::string> possible_currencies = {};
  // Words of the question, folded, that are ids of records. They are names as a whole, whatever they contain.
  std::vector<std::string> ids = {};
  // The attributes that the catalogue has of its products. Others cannot be checked.
  bool has_price = true, has_weight = true, has_stock = true, has_created = true, has_popularity = true;
};
// Sets the possible and the other currencies of `options` from prices of which no currency is known.
void JudgeCurrency(const PriceSummary& prices, IntentOptions* options);

// Reads a question with the rules in intent_rules.h. Never fails: words that no rule matches become keywords.
// Text beyond limits::kMaxQuestionBytes is ignored. If `vocabulary` is nullptr, no facets are found.
// Thread-safe.
QueryIntent ParseIntent(std::string_view question, const Vocabulary* vocabulary,
                        const analysis::Analyzers& analyzers, const IntentOptions& options = {});

}  // namespace trine::language
