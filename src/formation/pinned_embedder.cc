#include "formation/pinned_embedder.h"

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"

namespace trine::formation {
namespace {

constexpr int64_t kPinMillis = 25'000;  // to read and train; below the default deadline of a request

}  // namespace

Result<std::shared_ptr<const language::Embedder>> PinnedEmbedder::Get() {
  const MutexLock lock(mutex_);
  if (embedder_) return embedder_;
  std::optional<std::string> pinned;  // the version; nullopt: nothing was pinned, or 0.1.0 pinned it
  if (deps_.facts != nullptr) {
    TRINE_ASSIGN(pinned, deps_.facts->Get(storage::Family::kMeta, kPinnedEmbedderKey));
  }
  TRINE_ASSIGN(std::string bytes, ReadOrChoose(pinned));
  TRINE_ASSIGN(auto embedder, Open(std::move(bytes)));
  if (pinned && *pinned != embedder->version())
    return Error(ErrorCode::kCorrupt,
                 "the file of the pinned embedder contains another embedder than was pinned")
        .Expected(*pinned)
        .Got(embedder->version())
        .Where(std::string("models/") + kPinnedEmbedderFile);
  if (!pinned && deps_.facts != nullptr) {
    storage::WriteBatch mark;
    mark.Put(storage::Family::kMeta, kPinnedEmbedderKey, embedder->version());
    if (const Status marked = deps_.facts->Write(mark, storage::Durability::kSync); !marked.ok())
      deps_.log.Warning("cannot record which embedder is pinned: " + marked.error().ToString());
  }
  embedder_ = std::move(embedder);
  is_open_ = true;
  return embedder_;
}

bool PinnedEmbedder::MustChoose() const {
  if (is_open_) return false;
  const auto file = deps_.models.Open(kPinnedEmbedderFile);
  return !file.ok() && file.error().kind() == ErrorKind::kNotFound;
}

void PinnedEmbedder::Choose(std::function<void()> done) {
  const std::string name = "pinned embedder #" + std::to_string(++choices_);
  // A failure is reported by the next Get, which tries again.
  const Status started = deps_.runner.Start(name, [this, done](const std::stop_token&) {
    static_cast<void>(CatchBadAlloc([this] { return Get(); }).ok());
    done();
  });
  if (!started.ok()) done();
}

Result<std::string> PinnedEmbedder::ReadOrChoose(const std::optional<std::string>& pinned) {
  const auto file = deps_.models.Open(kPinnedEmbedderFile);
  if (file.ok()) return std::string((*file)->bytes());
  if (file.error().kind() != ErrorKind::kNotFound) return file.error();
  if (pinned)
    return Error(ErrorCode::kCorrupt,
                 "the file of the pinned embedder is missing; restore it from a backup, because clients have "
                 "stored its vectors")
        .Where(std::string("models/") + kPinnedEmbedderFile);
  std::string bytes = TrainOnLargest();
  TRINE_TRY(storage::WriteFileAtomically(deps_.models, kPinnedEmbedderFile, bytes));
  return bytes;
}

// The bytes of the embedder trained on the largest collection; empty bytes mean the hash embedder.
std::string PinnedEmbedder::TrainOnLargest() {
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

Result<std::shared_ptr<const language::Embedder>> PinnedEmbedder::Open(std::string bytes) {
  TRINE_CHECK_EQ(embedder_, nullptr);  // bytes_ must not change while an open embedder reads it
  if (bytes.empty()) return fallback_;
  bytes_ = std::move(bytes);
  auto opened = language::OpenCatalogueEmbedder(deps_.analyzers, bytes_);
  if (opened.ok()) return std::shared_ptr<const language::Embedder>(std::move(*opened));
  Error error = std::move(opened).error();
  error.message = "the pinned embedder cannot be used; restore its file from a backup: " + error.message;
  return std::move(error).Where(std::string("models/") + kPinnedEmbedderFile);
}

}  // namespace trine::formation
