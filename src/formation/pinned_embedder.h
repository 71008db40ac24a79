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

// Owned by AskService. Thread-safe. `mutex_` is held while the choice is made, which reads records and may
// train for kPinMillis; other callers wait for the choice meanwhile. Lock order: `mutex_` before the lock of
// KnowledgeCache.
class PinnedEmbedder {
 public:
  // `knowledge` outlives this.
  PinnedEmbedder(const AskDependencies& deps, KnowledgeCache& knowledge,
                 std::shared_ptr<const language::Embedder> fallback)
      : deps_(deps), knowledge_(knowledge), fallback_(std::move(fallback)) {}

  // The kept embedder. At the first call ever it is chosen and kept: the one trained on the largest
  // collection, or the hash embedder (`fallback`) when no collection has enough records or training fails.
  // Also returns the fallback when the choice cannot be written or read (for this call only), and when the
  // kept file is damaged (until the next start).
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
