// ParseIntent: finds the intent of a shopper's question by built-in rules and the catalogue's own words.
#pragma once

#include <string>
#include <string_view>

#include "analysis/analyzer.h"
#include "language/query_intent.h"
#include "language/vocabulary.h"

namespace trine::language {

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
