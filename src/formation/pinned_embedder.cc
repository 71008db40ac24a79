#include "formation/pinned_embedder.h"

#include <cstdint>
#include <utility>

#include "base/check.h"

namespace trine::formation {
namespace {

constexpr int64_t kPinMillis = 25'000;  // to read and train; below the default deadline of a request

}  // namespace

std::shared_ptr<const language::Embedder> PinnedEmbedder::Get() {
  const MutexLock lock(mutex_);
  if (embedder_) return embedder_;
  const auto file = deps_.models.Open(kPinnedEmbedderFile);
  if (!file.ok() && file.error().kind() == ErrorKind::kNotFound) {
    const std::string bytes = Choose();
    if (Status saved = storage::WriteFileAtomically(deps_.models, kPinnedEmbedderFile, bytes); !saved.ok()) {
      deps_.log.Warning("cannot store the pinned embedder: " + saved.error().ToString());
      return fallback_;
    }
    return embedder_ = Open(bytes);
  }
  if (!file.ok()) {
    deps_.log.Error("cannot read the pinned embedder: " + file.error().ToString());
    return fallback_;
  }
  return embedder_ = Open(std::string((*file)->bytes()));
}

// The bytes of the embedder trained on the largest collection; empty bytes mean the hash embedder.
std::string PinnedEmbedder::Choose() {
  catalogue::CollectionPtr largest;
  for (const auto& collection : deps_.catalogue.All()) {
    if (!largest || deps_.records.LiveCount(collection->id) > deps_.records.LiveCount(largest->id))
      largest = collection;
  }
  if (!largest) return "";
  const Status built = knowledge_.Build(largest, Deadline::After(deps_.clock, kPinMillis));
  if (!built.ok()) return "";
  const auto knowledge = knowledge_.Get(largest);
  return knowledge ? knowledge->embedder_bytes : "";
}

std::shared_ptr<const language::Embedder> PinnedEmbedder::Open(std::string bytes) {
  TRINE_CHECK_EQ(embedder_, nullptr);  // bytes_ must not change while an open embedder reads it
  if (bytes.empty()) return fallback_;
  bytes_ = std::move(bytes);
  auto opened = language::OpenCatalogueEmbedder(deps_.analyzers, bytes_);
  if (opened.ok()) return std::move(*opened);
  deps_.log.Error("the pinned embedder is damaged; restore a backup, or delete models/" +
                  std::string(kPinnedEmbedderFile) + " and embed again: " + opened.error().ToString());
  return fallback_;
}

}  // namespace trine::formation
