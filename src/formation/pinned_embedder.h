// PinnedEmbedder: the one embedder that the embedding APIs serve. It is chosen once and then never changes,
// because clients store its vectors (docs/decisions/0005-pinned-embedder.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "formation/ask_dependencies.h"
#include "formation/knowledge_cache.h"
#include "language/model.h"

namespace trine::formation {

// The key in the family `kMeta` whose value is the version of the embedder that was pinned.
inline constexpr const char* kPinnedEmbedderKey = "formation/embedder";
// The name of its file in the folder `models`.
inline constexpr const char* kPinnedEmbedderFile = "embedder-pinned";
// The dimension of the hash embedder, which is pinned if no other one can be trained.
inline constexpr size_t kPinnedHashDimension = 1024;

// Ok if the embedder that was pinned can be served, or none was pinned; otherwise an error of
// PinnedEmbedder::Get. Reads the file completely and changes nothing.
Status VerifyPinnedEmbedder(storage::Directory& models, const storage::KeyValue& facts,
                            const analysis::Analyzers& analyzers);

// If the file of the pinned embedder is missing or damaged, and a file of item vectors in `derived` has the
// same embedder, writes it again; a damaged file is set aside. Returns whether it did. An error of the disk.
Result<bool> RestorePinnedEmbedder(storage::Directory& models, storage::Directory& derived,
                                   const storage::KeyValue& facts, const analysis::Analyzers& analyzers);

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
  // fails. Clients have stored its vectors, so it is never replaced by another one: kCorrupt if its file is
  // missing, damaged or not the one that was pinned; kIo and kNoSpace if it cannot be read or stored. The
  // next call tries again.
  Result<std::shared_ptr<const language::Embedder>> Get();

  // Whether Get would have to choose an embedder, which can take kPinMillis. Reads a folder at most.
  bool MustChoose() const;
  // Calls Get in the background, and then `done` once, which must be cheap.
  void Choose(std::function<void()> done);

 private:
  std::string TrainOnLargest() TRINE_REQUIRES(mutex_);
  Result<std::shared_ptr<const language::Embedder>> Open(std::string bytes) TRINE_REQUIRES(mutex_);
  Result<std::string> ReadOrChoose(const std::optional<std::string>& pinned) TRINE_REQUIRES(mutex_);

  const AskDependencies deps_;
  KnowledgeCache& knowledge_;
  const std::shared_ptr<const language::Embedder> fallback_;
  std::atomic<uint64_t> choices_{0};  // background calls so far
  std::atomic<bool> is_open_{false};  // whether `embedder_` is set
  Mutex mutex_;
  std::string bytes_ TRINE_GUARDED_BY(mutex_);  // the bytes of `embedder_`
  // nullptr: not chosen yet.
  std::shared_ptr<const language::Embedder> embedder_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::formation
