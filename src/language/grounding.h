// SentenceChecker: lets the sentences of a language model through only if the given material supports them.
// GroundedModel: a model whose answers to prompts with items or documents pass such a checker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "language/answer.h"
#include "language/chat.h"

namespace trine::language {

// What the sentences of an answer may state. Plain data; all of it is untrusted text.
struct GroundingMaterial {
  std::vector<AnswerItem> items;
  std::vector<std::string> documents;  // retrieved texts
  std::vector<std::string> facts;      // further true sentences, such as reasons
  std::string question;                // what the shopper said may be repeated: bounds, names of things
};

struct CheckedSentence {
  std::string text;  // as the model wrote it, without markup, with the white space that follows it
  std::vector<Citation> citations;  // positions within the whole answer as released so far
  bool supported = false;           // false: the sentence must not be shown
  std::string why;                  // why it is not supported: 'the number "39000" is not in the items'
};

// Not thread-safe. One answer each.
class SentenceChecker {
 public:
  explicit SentenceChecker(GroundingMaterial material);
  ~SentenceChecker();
  SentenceChecker(const SentenceChecker&) = delete;

  // Takes the next part of the answer, and returns the sentences that it completes.
  std::vector<CheckedSentence> Add(std::string_view part);
  // Returns the last sentence, which need not end with a full stop.
  std::vector<CheckedSentence> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Wraps a model. If a prompt carries items or documents (prompt.h), in whatever form, each sentence of the
// answer is checked against them, and released to the sink once it was; unsupported sentences are dropped. If
// none is left, the answer says so in the language of the question (Grounding::kWithheld). Answers in JSON to
// such prompts have their unsupported texts removed or are withheld. Other requests pass through unchanged.
// Thread-safe; owns nothing: `inner` must outlive it.
std::unique_ptr<LanguageModel> NewGroundedModel(LanguageModel& inner);

}  // namespace trine::language
