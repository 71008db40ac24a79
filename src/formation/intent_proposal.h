// IntentProposal: the parts of an intent that a language model proposes. AdoptProposal keeps those that the
// words of the question support.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "language/query_intent.h"
#include "language/vocabulary.h"

namespace trine::formation {

// Untrusted text. Texts are folded; at most kMaxWords in each list.
struct IntentProposal {
  static constexpr size_t kMaxWords = 16;  // a question has few conditions
  std::vector<std::string> values;         // words of the question, in the spelling of shops
  std::vector<std::string> excluded;       // words that the question refuses
  std::vector<std::string> expansions;     // other words for the wanted products
  std::optional<double> min_price, max_price;
};

// The JSON schema of a proposal, for models that keep to one.
std::string_view IntentProposalSchema();

// Reads a model's answer: one JSON object, also inside a code block or between other words. Unknown members,
// and words that are empty or longer than 64 bytes, are ignored. kInvalid if there is no such object or a
// member has the wrong type; then `message` says which.
Result<IntentProposal> ReadIntentProposal(std::string_view answer);

// Adds to `intent` the parts of a proposal that hold by the question's own words, and returns one short text
// for each: 'the word "hodie" as "hoodie"'. Everything that the built-in rules found stays as it is. Requires
// that the intent is that of the question. `vocabulary` may be nullptr; then only a price can be added, and
// that only with `has_price`: whether the catalogue has prices.
//
//   - A value is kept if the vocabulary knows it and the question names it, and the built-in rules found no
//     value of that kind (brand, colour ...). A word that the catalogue does not know may also be close to
//     the value: a typing mistake.
//   - A price is kept if the built-in rules read exactly these amounts but not what they bound.
//   - An exclusion is kept if the built-in rules saw that the question refuses the word, but not how.
//   - An expansion is kept if it is a word of the catalogue that the question does not refuse; at most 8.
std::vector<std::string> AdoptProposal(std::string_view question, const IntentProposal& proposal,
                                       const language::Vocabulary* vocabulary, bool has_price,
                                       language::QueryIntent* intent);

}  // namespace trine::formation
