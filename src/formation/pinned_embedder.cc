#include "formation/pinned_embedder.h"

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "formation/knowledge.h"

namespace trine::formation {
namespace {

constexpr int64_t kPinMillis = 25'000;  // to read and train; below the default deadline of a request

std::string PathOfFile() { return std::string("models/") + kPinnedEmbedderFile; }

Error MissingFile() {
  return Error(ErrorCode::kCorrupt,
               "the file of the pinned embedder is missing; restore it from a backup, because clients have "
               "stored its vectors")
      .Where(PathOfFile());
}

// Opens the embedder in `bytes`, which must not be empty and must outlive it.
Result<std::shared_ptr<const language::Embedder>> OpenEmbedder(const analysis::Analyzers& analyzers,
                                                               std::string_view bytes) {
  auto opened = language::OpenCatalogueEmbedder(analyzers, bytes);
  if (opened.ok()) return std::shared_ptr<const language::Embedder>(std::move(*opened));
  Error error = std::move(opened).error();
  error.message = "the pinned embedder cannot be used; restore its file from a backup: " + error.message;
  return std::move(error).Where(PathOfFile());
}

// `pinned`: the version in the facts, if there is one.
Status CheckVersion(const language::Embedder& embedder, const std::optional<std::string>& pinned) {
  if (!pinned || *pinned == embedder.version()) return Ok();
  return Error(ErrorCode::kCorrupt,
               "the file of the pinned embedder contains another embedder than was pinned")
      .Expected(*pinned)
      .Got(embedder.version())
      .Where(PathOfFile());
}

// The version of the hash embedder also says whether there is a Korean dictionary, which is not a matter of
// the file.
bool IsHashVersion(const language::Embedder& hash, std::string_view pinned) {
  return pinned.starts_with(hash.version()) || hash.version().starts_with(pinned);
}

// The bytes of the embedder with this version, as far as item vectors were made with it.
Result<std::optional<std::string>> FindInVectors(storage::Directory& derived,
                                                 const analysis::Analyzers& analyzers,
                                                 const std::string& version) {
  TRINE_ASSIGN(const std::vector<std::string> names, derived.List());
  for (const std::string& name : names) {
    if (!name.starts_with("vectors-")) continue;
    const auto loaded = LoadVectors(derived, name, analyzers);
    if (loaded.ok() && !(*loaded)->embedder_bytes.empty() && (*loaded)->embedder->version() == version)
      return std::optional((*loaded)->embedder_bytes);
  }
  return std::optional<std::string>();
}

}  // namespace

Status VerifyPinnedEmbedder(storage::Directory& models, const storage::KeyValue& facts,
                            const analysis::Analyzers& analyzers) {
  TRINE_ASSIGN(const std::optional<std::string> pinned,
               facts.Get(storage::Family::kMeta, kPinnedEmbedderKey));
  const auto file = models.Open(kPinnedEmbedderFile);
  if (!file.ok() && file.error().kind() == ErrorKind::kNotFound) return pinned ? MissingFile() : Status(Ok());
  TRINE_TRY(file);
  if ((*file)->bytes().empty()) {
    const auto hash = language::NewHashEmbedder(analyzers, kPinnedHashDimension);
    return !pinned || IsHashVersion(*hash, *pinned) ? Ok() : CheckVersion(*hash, pinned);
  }
  TRINE_ASSIGN(const auto embedder, OpenEmbedder(analyzers, (*file)->bytes()));
  return CheckVersion(*embedder, pinned);
}

Result<bool> RestorePinnedEmbedder(storage::Directory& models, storage::Directory& derived,
                                   const storage::KeyValue& facts, const analysis::Analyzers& analyzers) {
  const Status good = VerifyPinnedEmbedder(models, facts, analyzers);
  TRINE_ASSIGN(const std::optional<std::string> pinned,
               facts.Get(storage::Family::kMeta, kPinnedEmbedderKey));
  if (good.ok() || good.error().code != ErrorCode::kCorrupt || !pinned) return false;
  std::optional<std::string> bytes = "";
  if (!IsHashVersion(*language::NewHashEmbedder(analyzers, kPinnedHashDimension), *pinned)) {
    TRINE_ASSIGN(bytes, FindInVectors(derived, analyzers, *pinned));
  }
  if (!bytes) return false;
  const std::string file = kPinnedEmbedderFile;
  if (const Status aside = models.Rename(file, file + ".broken");
      !aside.ok() && aside.error().kind() != ErrorKind::kNotFound)
    return aside.error();
  TRINE_TRY(storage::WriteFileAtomically(models, file, *bytes));
  return true;
}

Result<std::shared_ptr<const language::Embedder>> PinnedEmbedder::Get() {
  const MutexLock lock(mutex_);
  if (embedder_) return embedder_;
  std::optional<std::string> pinned;  // the version; nullopt: nothing was pinned, or 0.1.0 pinned it
  if (deps_.facts != nullptr) {
    TRINE_ASSIGN(pinned, deps_.facts->Get(storage::Family::kMeta, kPinnedEmbedderKey));
  }
  TRINE_ASSIGN(std::string bytes, ReadOrChoose(pinned));
  TRINE_ASSIGN(auto embedder, Open(std::move(bytes)));
  TRINE_TRY(CheckVersion(*embedder, pinned));
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
  if (pinned) return MissingFile();
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
  return OpenEmbedder(deps_.analyzers, bytes_);
}

}  // namespace trine::formation
