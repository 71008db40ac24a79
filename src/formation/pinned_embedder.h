// PinnedEmbedder: the one embedder that the embedding APIs serve. It is chosen once and then never changes,
// because clients store its vectors (docs/decisions/0005-pinned-embedder.md).
#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "formation/ask_dependencies.h"
#include "formation/knowledge_cache.h"
#include "language/model.h"

namespace trine::formation {

// The name of its file in the folder `models`.
inline constexpr const char* kPinnedEmbedderFile = "embedder-pinned";

// Owned by AskService. Thread-safe. `mutex_` is held while the embedder is chosen, which reads records and
// may train for up to kPinMillis; other callers wait. Lock order: `mutex_` before the lock of KnowledgeCache.
class PinnedEmbedder {
 public:
  // `knowledge` outlives this.
  PinnedEmbedder(const AskDependencies& deps, KnowledgeCache& knowledge,
                 std::shared_ptr<const language::Embedder> fallback)
      : deps_(deps), knowledge_(knowledge), fallback_(std::move(fallback)) {}

  // Returns the pinned embedder. The first call ever chooses and stores it: the embedder trained on the
  // largest collection, or the hash embedder (`fallback`) if no collection has enough records or training
  // fails. Also returns the fallback if the choice cannot be stored or read (for this call only), or if the
  // stored file is damaged (until the next start).
  std::shared_ptr<const language::Embedder> Get();

 private:
  std::string Choose() TRINE_REQUIRES(mutex_);
  std::shared_ptr<const language::Embedder> Open(std::string bytes) TRINE_REQUIRES(mutex_);

  const AskDependencies deps_;
  KnowledgeCache& knowledge_;
  const std::shared_ptr<const language::Embedder> fallback_;
  Mutex mutex_;
  std::string bytes_ TRINE_GUARDED_BY(mutex_);  // the bytes of `embedder_`
  // nullptr: not chosen yet.
  std::shared_ptr<const language::Embedder> embedder_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::formation
