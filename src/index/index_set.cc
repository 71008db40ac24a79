// IndexSet: one folder a collection ("c12"), one maintenance thread for all.
#include <charconv>
#include <map>
#include <mutex>
#include <utility>

#include "index/collection_index.h"

namespace trine::index {
namespace {

std::string FolderName(CollectionId id) { return "c" + std::to_string(id.value); }

// Every file that the manifest of a folder names, checked whole. Adds what is broken to `broken`.
Status VerifyFolder(storage::Directory& folder, std::string* broken) {
  const auto note = [&](const std::string& file, const Error& why) {
    *broken += (broken->empty() ? "" : "; ") + folder.path() + "/" + file + ": " + why.ToString();
  };
  const auto manifest_bytes = folder.Open(kManifestName);
  if (!manifest_bytes.ok()) {
    if (manifest_bytes.error().kind != ErrorKind::kNotFound) note(kManifestName, manifest_bytes.error());
    return Ok();
  }
  const auto manifest = DecodeManifest((*manifest_bytes)->bytes());
  if (!manifest.ok()) return note(kManifestName, manifest.error()), Ok();
  for (const ManifestSegment& s : manifest->segments) {
    const std::string file = SegmentFileName(s.number);
    const auto verify = [&]() -> Status {
      TRINE_ASSIGN(auto bytes, folder.Open(file));
      TRINE_ASSIGN(const SegmentPtr segment, Segment::Open(std::move(bytes), file));
      if (segment->body_crc() != s.body_crc) return CorruptSegment("the manifest names another checksum");
      return segment->VerifyBody();
    };
    if (const Status status = verify(); !status.ok()) note(file, status.error());
    if (s.live_number == 0) continue;
    const std::string live_file = LiveFileName(s.number, s.live_number);
    const auto verify_live = [&]() -> Status {
      TRINE_ASSIGN(auto bytes, folder.Open(live_file));
      TRINE_ASSIGN([[maybe_unused]] const LiveBitsPtr live, DecodeLiveBits(bytes->bytes(), s.rows));
      return Ok();
    };
    if (const Status status = verify_live(); !status.ok()) note(live_file, status.error());
  }
  return Ok();
}

class Indexes final : public IndexSet {
 public:
  Indexes(std::unique_ptr<storage::Directory> directory, const IndexOptions& options, const Clock& clock,
          Log& log, Metrics& metrics)
      : directory_(std::move(directory)), options_(options), clock_(clock), log_(log), metrics_(metrics) {
    if (options.background_merges) maintenance_ = std::make_shared<Maintenance>();
  }
  ~Indexes() override {
    for (const auto& [id, index] : indexes_) index->Stop();
  }

  Result<std::shared_ptr<Index>> Open(CollectionId id) override {
    std::lock_guard lock(mutex_);
    if (const auto it = indexes_.find(id); it != indexes_.end()) return std::shared_ptr<Index>(it->second);
    TRINE_ASSIGN(auto folder, directory_->Folder(FolderName(id)));
    TRINE_ASSIGN(auto index,
                 CollectionIndex::Open(std::move(folder), options_, clock_, log_, metrics_, maintenance_));
    indexes_[id] = index;
    return std::shared_ptr<Index>(std::move(index));
  }

  std::shared_ptr<Index> Get(CollectionId id) const override {
    std::lock_guard lock(mutex_);
    const auto it = indexes_.find(id);
    return it == indexes_.end() ? nullptr : it->second;
  }

  Status Drop(CollectionId id) override {
    std::shared_ptr<CollectionIndex> index;
    {
      std::lock_guard lock(mutex_);
      if (const auto it = indexes_.find(id); it != indexes_.end()) {
        index = std::move(it->second);
        indexes_.erase(it);
      }
    }
    if (index != nullptr) index->Stop();
    return directory_->RemoveFolder(FolderName(id));
  }

  std::vector<std::pair<CollectionId, std::shared_ptr<Index>>> All() const override {
    std::lock_guard lock(mutex_);
    return {indexes_.begin(), indexes_.end()};
  }

  // Tries all; the first failure is reported.
  Status FlushAll() override {
    Status first;
    for (const auto& [id, index] : All()) {
      auto status = index->Flush();
      if (!status.ok() && first.ok()) first = std::move(status);
    }
    return first;
  }

  Status Verify() override {
    TRINE_ASSIGN(const std::vector<std::string> folders, directory_->ListFolders());
    std::string broken;
    for (const std::string& name : folders) {
      uint32_t id = 0;
      const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), id);
      if (name[0] != 'c' || error != std::errc() || end != name.data() + name.size()) continue;
      TRINE_ASSIGN(auto folder, directory_->Folder(name));
      TRINE_TRY(VerifyFolder(*folder, &broken));
    }
    if (broken.empty()) return Ok();
    return Error(ErrorKind::kCorrupt, "index files are broken: " + broken).Code("index");
  }

 private:
  const std::unique_ptr<storage::Directory> directory_;
  const IndexOptions options_;
  const Clock& clock_;
  Log& log_;
  Metrics& metrics_;
  std::shared_ptr<Maintenance> maintenance_;
  mutable std::mutex mutex_;
  std::map<CollectionId, std::shared_ptr<CollectionIndex>> indexes_;
};

}  // namespace

Result<std::unique_ptr<IndexSet>> OpenIndexSet(std::unique_ptr<storage::Directory> directory,
                                               const IndexOptions& options, const Clock& clock, Log& log,
                                               Metrics& metrics) {
  return std::unique_ptr<IndexSet>(
      std::make_unique<Indexes>(std::move(directory), options, clock, log, metrics));
}

}  // namespace trine::index
