// IndexSet: one folder a collection ("c12"), one maintenance thread for all.
#include <charconv>
#include <map>
#include <mutex>
#include <utility>

#include "index/index_set.h"

#include "index/collection_index.h"

namespace trine::index {
namespace {

std::string FolderName(CollectionId id) { return "c" + std::to_string(id.value); }

constexpr int kVerifyTries = 5;

Status VerifySegment(storage::Directory& folder, const ManifestSegment& named) {
  TRINE_ASSIGN(auto bytes, folder.Open(SegmentFileName(named.number)));
  TRINE_ASSIGN(const SegmentPtr segment, Segment::Open(std::move(bytes), SegmentFileName(named.number)));
  if (segment->body_crc() != named.body_crc) return CorruptSegment("the manifest names another checksum");
  return segment->VerifyBody();
}

Status VerifyLive(storage::Directory& folder, const ManifestSegment& named) {
  if (named.live_number == 0) return Ok();
  TRINE_ASSIGN(auto bytes, folder.Open(LiveFileName(named.number, named.live_number)));
  TRINE_ASSIGN([[maybe_unused]] const LiveBitsPtr live, DecodeLiveBits(bytes->bytes(), named.rows));
  return Ok();
}

// What is broken of the files that a manifest names, one sentence a file; empty: nothing.
std::string BrokenFiles(storage::Directory& folder, std::string_view manifest_text) {
  std::string broken;
  const auto note = [&](const std::string& file, const Status& status) {
    if (!status.ok()) broken += "; " + folder.path() + "/" + file + ": " + status.error().ToString();
  };
  const auto manifest = DecodeManifest(manifest_text);
  if (!manifest.ok()) {
    note(kManifestName, manifest.error());
    return broken;
  }
  for (const ManifestSegment& named : manifest->segments) {
    note(SegmentFileName(named.number), VerifySegment(folder, named));
    note(LiveFileName(named.number, named.live_number), VerifyLive(folder, named));
  }
  return broken;
}

// Adds to `broken`. A flush or merge may replace the manifest and remove its files meanwhile: then
// the new one is looked at.
void VerifyFolder(storage::Directory& folder, std::string* broken) {
  std::string before, found;
  for (int tries = 0; tries < kVerifyTries; ++tries) {
    const auto manifest = folder.Open(kManifestName);
    if (!manifest.ok()) {
      if (manifest.error().kind() != ErrorKind::kNotFound) {
        *broken += "; " + folder.path() + "/" + kManifestName + ": " + manifest.error().ToString();
      }
      return;
    }
    const std::string text((*manifest)->bytes());
    if (tries > 0 && text == before) break;
    found = BrokenFiles(folder, text);
    if (found.empty()) return;
    before = text;
  }
  *broken += found;
}

}  // namespace

IndexSet::IndexSet(std::unique_ptr<storage::Directory> directory, const IndexOptions& options,
                   const Clock& clock, Log& log, Metrics& metrics)
    : directory_(std::move(directory)), options_(options), clock_(clock), log_(log), metrics_(metrics) {
  if (options.background_merges) maintenance_ = std::make_shared<Maintenance>();
}

IndexSet::~IndexSet() {
  for (const auto& [id, index] : indexes_) index->Stop();
}

Result<std::shared_ptr<CollectionIndex>> IndexSet::Open(CollectionId id) {
  std::lock_guard lock(mutex_);
  if (const auto it = indexes_.find(id); it != indexes_.end()) return it->second;
  TRINE_ASSIGN(auto folder, directory_->Folder(FolderName(id)));
  TRINE_ASSIGN(auto index,
               CollectionIndex::Open(std::move(folder), options_, clock_, log_, metrics_, maintenance_));
  indexes_[id] = index;
  return index;
}

std::shared_ptr<CollectionIndex> IndexSet::Get(CollectionId id) const {
  std::lock_guard lock(mutex_);
  const auto it = indexes_.find(id);
  return it == indexes_.end() ? nullptr : it->second;
}

Status IndexSet::Drop(CollectionId id) {
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

std::vector<std::pair<CollectionId, std::shared_ptr<CollectionIndex>>> IndexSet::All() const {
  std::lock_guard lock(mutex_);
  return {indexes_.begin(), indexes_.end()};
}

Result<std::vector<CollectionId>> IndexSet::Stored() const {
  TRINE_ASSIGN(const std::vector<std::string> folders, directory_->ListFolders());
  std::vector<CollectionId> stored;
  for (const std::string& name : folders) {
    CollectionId id;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), id.value);
    if (error == std::errc() && name == FolderName(id)) stored.push_back(id);
  }
  return stored;
}

Status IndexSet::FlushAll() {
  Status first;
  for (const auto& [id, index] : All()) {
    auto status = index->Flush();
    if (!status.ok() && first.ok()) first = std::move(status);
  }
  return first;
}

Status IndexSet::Verify() {
  TRINE_ASSIGN(const std::vector<CollectionId> stored, Stored());
  std::string broken;
  for (const CollectionId id : stored) {
    TRINE_ASSIGN(auto folder, directory_->Folder(FolderName(id)));
    VerifyFolder(*folder, &broken);
  }
  if (broken.empty()) return Ok();
  return Error(ErrorCode::kCorrupt, "index files are broken: " + broken.substr(2));
}

}  // namespace trine::index
