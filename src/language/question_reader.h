// ReadQuestion: the words of a question, divided into those that are wanted and those that are refused.
//
// Which words beside a mark of refusal (refusal.h) are refused:
//   - one phrase: that phrase ("기모 없는 후디", "tops without hoodies"), and those that "and", "or" or a
//     list joins to it ("블랙도 레드도 아닌", "neither black nor red");
//   - an attribute and a product noun ("I don't want a black tent"): if the question names another
//     product, the noun; else the attribute, and the noun stays wanted;
//   - a product noun and something else behind it ("후디 블랙 말고"): the latter;
//   - several words that no value of the catalogue has ("without polka dots"): products that have all
//     of them;
//   - a word with an opposite ("not heavy"): the opposite is wanted.
// Anything else is unclear: its words are neither wanted nor refused, and are named.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"
#include "language/intent_rules.h"
#include "language/vocabulary.h"

namespace trine::language {

struct ReadResult {
  // A word that names nothing: a wish, a price, an order. All forms are folded.
  struct PlainWord {
    std::string surface;
    std::vector<std::string> forms;
  };
  std::vector<QuestionWord> words;                 // wanted; at most kMaxQuestionWords
  std::vector<PlainWord> plain;                    // wanted too
  std::vector<std::vector<QuestionWord>> refused;  // phrases; a product may have none of them
  std::vector<std::string> refused_together;       // texts of several words; a product may have none of them
  std::vector<std::pair<std::string, std::string>>
      opposites;                     // a spelling of a wish, and the refusal as written
  std::vector<std::string> unclear;  // parts that are refused in a way that cannot be applied
  std::string wanted_text;           // the text with blanks in place of all refusals
  bool refuses = false;              // whether `wanted_text` differs from the text
};
inline constexpr size_t kMaxQuestionWords = 12;

// Reads a folded text. `goods_words` are words that can express a wish but name goods in this catalogue,
// `ids` the words that are ids of records. If `vocabulary` is nullptr, no values are known. Never fails.
// Thread-safe.
ReadResult ReadQuestion(std::string_view text, const Vocabulary* vocabulary,
                        const analysis::Analyzers& analyzers, const std::vector<std::string>& goods_words,
                        const std::vector<std::string>& ids);

}  // namespace trine::language
