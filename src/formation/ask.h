// AskService: answers a shopper's question with ranked products and a reason for each. Five stages run in
// order: understand, retrieve, fuse, personalise, answer. A stage that fails or runs out of time is left out;
// the answer names it and its reason, and is built from what the other stages found.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "formation/ask_call.h"
#include "formation/ask_dependencies.h"
#include "formation/ask_options.h"
#include "formation/knowledge_cache.h"
#include "formation/pinned_embedder.h"
#include "language/intent.h"
#include "language/model.h"

namespace trine::formation {

// Thread-safe; holds no lock of its own while a question is answered (see KnowledgeCache and PinnedEmbedder
// for theirs). The sentences of an answer come from language::ComposeAnswer and language::ComposeReason; no
// LanguageModel is called.
class AskService {
 public:
  explicit AskService(const AskDependencies& deps, const AskOptions& options = {});

  // Requires call.collection. Always returns an answer: a stage that fails is named in it.
  Result<AskAnswer> Ask(const AskCall& call, const Deadline& deadline);

  // The first stage alone. Waits up to a second for the first Knowledge of the collection.
  Result<language::QueryIntent> Understand(const std::string& question,
                                           const catalogue::CollectionPtr& collection,
                                           const std::string& language);

  // Why each item suits the person, and the question when there is one. One reason per id, in the given
  // order. kNotFound for an id that the collection does not have.
  struct Reason {
    std::string item_id, text;
    std::vector<recommend::Cause> because;
  };
  Result<std::vector<Reason>> Reasons(const std::string& user_id, const std::vector<std::string>& item_ids,
                                      const catalogue::CollectionPtr& collection, const std::string& question,
                                      const std::string& language, const Deadline& deadline);

  // The embedder of a collection; the hash embedder until one is trained. nullptr: the pinned embedder,
  // which the embedding APIs serve (see PinnedEmbedder::Get, which may train for seconds).
  std::shared_ptr<const language::Embedder> EmbedderFor(const catalogue::CollectionPtr& collection);

  // Builds the Knowledge of a collection now and waits for it (demo, tests).
  Status Prepare(const catalogue::CollectionPtr& collection, const Deadline& deadline);

  // Called once at start-up: starts building Knowledge, in the background, for the collections that were
  // asked about before or are bound to a dataset group.
  void Warm();

 private:
  std::string MakeRecommendationId(const AskCall& call);

  const AskDependencies deps_;
  const AskOptions options_;
  Histogram& ask_seconds_;
  const std::shared_ptr<const language::Embedder> hash_embedder_;
  KnowledgeCache knowledge_;
  PinnedEmbedder pinned_;
  std::atomic<uint64_t> question_count_{0};
};

}  // namespace trine::formation
