// AskService: answers a shopper's question with ranked products and a reason for each. Five stages run in
// order: understand, retrieve, fuse, personalise, answer. If a stage fails or runs out of time, the answer
// reports the stage and the reason, and is built from the results of the other stages.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "formation/ask_call.h"
#include "formation/ask_dependencies.h"
#include "formation/ask_model.h"
#include "formation/ask_options.h"
#include "formation/knowledge_cache.h"
#include "formation/pinned_embedder.h"
#include "language/intent.h"
#include "language/model.h"

namespace trine::formation {

struct AskState;

// Thread-safe. Has no lock of its own; KnowledgeCache, PinnedEmbedder and AskModel document theirs. The
// sentences of an answer come from language::ComposeAnswer and language::ComposeReason, or from
// AskDependencies::model; those of the model passed a language::SentenceChecker. A model never chooses items.
class AskService {
 public:
  explicit AskService(const AskDependencies& deps, const AskOptions& options = {});

  // Requires call.collection. Always returns an answer, which reports the stages that failed, unless the
  // observer of the call returns an error.
  Result<AskAnswer> Ask(const AskCall& call, const Deadline& deadline);

  // Runs only the first stage. `caller` as in AskCall.
  Result<language::QueryIntent> Understand(const std::string& question,
                                           const catalogue::CollectionPtr& collection,
                                           const std::string& language, const Deadline& deadline = {},
                                           const std::string& caller = {});

  // Explains why each item suits the person and, if one is given, the question. Returns one reason per id, in
  // the order of the ids; kNotFound if the collection lacks an item.
  struct Reason {
    std::string item_id, text;
    std::vector<recommend::Cause> because;
  };
  Result<std::vector<Reason>> Reasons(const std::string& user_id, const std::vector<std::string>& item_ids,
                                      const catalogue::CollectionPtr& collection, const std::string& question,
                                      const std::string& language, const Deadline& deadline);

  // Returns the embedder of a collection, or the hash embedder until one is trained.
  std::shared_ptr<const language::Embedder> EmbedderFor(const catalogue::CollectionPtr& collection);
  // Returns the embedder that the embedding APIs use. See PinnedEmbedder::Get; may train for seconds.
  Result<std::shared_ptr<const language::Embedder>> Pinned() { return pinned_.Get(); }
  // Whether Pinned would have to choose an embedder first; a caller can wait for that with ChoosePinned.
  bool MustChoosePinned() const { return pinned_.MustChoose(); }
  void ChoosePinned(std::function<void()> done) { pinned_.Choose(std::move(done)); }

  // Whether the Knowledge of the collection has been built by the newest roles. Ask, Understand and Reasons
  // do not wait for it and then answer by the words of the question alone; a caller can wait with Await.
  // Starts the build. `visible_fields` as in AskCall.
  bool IsReady(const catalogue::CollectionPtr& collection, const std::vector<std::string>& visible_fields);
  // Calls `done` once, when the build that is running has ended. `done` must be cheap.
  void Await(const catalogue::CollectionPtr& collection, const std::vector<std::string>& visible_fields,
             std::function<void()> done);
  // Builds the Knowledge of a collection in the background, from all records that are stored now, and then
  // calls `done` once with the result (demo, tests). `done` must be cheap.
  void Prepare(const catalogue::CollectionPtr& collection, std::function<void(Status)> done);

  // Call once at start-up. Starts building Knowledge in the background for the collections that earlier
  // questions used or that are bound to a dataset group.
  void Warm();

 private:
  std::string MakeRecommendationId(const AskCall& call);
  // Lets the language model, if there is one, take part in a question.
  void SetModel(AskState* state) const;

  const AskDependencies deps_;
  const AskOptions options_;
  Histogram& ask_seconds_;
  const std::shared_ptr<const language::Embedder> hash_embedder_;
  KnowledgeCache knowledge_;
  PinnedEmbedder pinned_;
  const std::unique_ptr<AskModel> model_;  // nullptr: none
  std::atomic<uint64_t> question_count_{0};
};

}  // namespace trine::formation
