// AskModel: calls the language model for the stages of a question, within a share of its time, and keeps the
// answers, the costs and the counts of failures.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/metrics.h"
#include "base/result.h"
#include "formation/ask_call.h"
#include "formation/ask_dependencies.h"
#include "formation/ask_options.h"
#include "formation/model_cache.h"
#include "language/chat.h"
#include "language/prompt_templates.h"

namespace trine::formation {

// For whom a question is asked, and which data its prompts were made from.
struct AskPerson {
  std::vector<std::string> ids;  // ModelCacheKey::people
  GroupId group;
  uint64_t erasures = 0;  // ModelCache::erasures before the person's data were read
  std::string caller;     // AskCall::caller
};

// One prompt of a stage.
struct ModelCall {
  language::PromptKind kind = language::PromptKind::kAnswer;
  std::string language;  // "ko", or anything else for English
  language::PromptTemplates::Values values;
  std::string_view json_schema;  // empty: the answer is plain text
  std::string catalogue;         // ModelCacheKey::catalogue
};

// Owned by AskService. Thread-safe. Its cache has a lock of its own, a leaf, which is not held during a call.
class AskModel {
 public:
  // Requires deps.model. Registers the cache with deps.history, so that erased people are forgotten, also
  // after this object is destroyed.
  AskModel(const AskDependencies& deps, const ModelOptions& options);

  const ModelOptions& options() const { return options_; }
  std::string name() const { return model_.name(); }
  // The person of a question. Call it before any data of the person are read.
  AskPerson PersonOf(const AskCall& call, const std::optional<catalogue::Binding>& binding) const;

  // Asks the model, for at most the kind's share of the time left, and passes the answer to `sink` in parts.
  // Adds what it cost to `use`. An answer that was given before to the same prompt, person and catalogue
  // comes from the cache and costs nothing.
  //
  // kStageSkipped if there is not enough time left for a call; kTimeout if the time passed; kLimit if the
  // answer does not end within kMaxAnswerBytes; kUnavailable if the provider's own filter ended the answer;
  // otherwise the error of the model or of `sink`. Parts may have been passed on before an error. An answer
  // that ended with an error is not kept.
  Status Complete(const ModelCall& call, const AskPerson& person, const Deadline& deadline,
                  const language::TokenSink& sink, ModelUse* use);

  // Counts why a stage used or did not use what the model answered: "used", "partly", "rejected", "timeout",
  // "failed", "skipped".
  void CountResult(language::PromptKind kind, std::string_view result);

  // The bound of one answer: several times the tokens that are asked for, so that only an endless answer
  // reaches it.
  static constexpr size_t kMaxAnswerBytes = 32u << 10;

 private:
  Status Call(const language::ChatRequest& request, const Deadline& deadline, const language::TokenSink& sink,
              std::string* text, ModelUse* use, Histogram* seconds);

  language::LanguageModel& model_;
  const Clock& clock_;
  const history::History& history_;
  Metrics& metrics_;
  const ModelOptions options_;
  const std::shared_ptr<const language::PromptTemplates> prompts_;
  const std::shared_ptr<ModelCache> cache_;  // shared with the listener of the history
  std::array<Histogram*, language::kPromptKinds> seconds_{};
  Counter &input_tokens_, &output_tokens_, &cost_, &cache_hits_;
};

}  // namespace trine::formation
