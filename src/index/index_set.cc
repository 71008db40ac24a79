// IndexSet, and verifying stored files.
#include <charconv>
#include <map>
#include <utility>

#include "index/index_set.h"

#include "index/collection_index.h"

namespace trine::index {
namespace {

std::string FolderName(CollectionId id) { return "c" + std::to_string(id.value); }

// The maximum number of times that Verify reads a folder whose manifest keeps changing.
constexpr int kVerifyTries = 5;

Status VerifySegment(storage::Directory& folder, const ManifestSegment& named) {
  TRINE_ASSIGN(auto bytes, folder.Open(SegmentFileName(named.number)));
  TRINE_ASSIGN(const SegmentPtr segment, Segment::Open(std::move(bytes), SegmentFileName(named.number)));
  if (segment->body_crc() != named.body_crc)
    return CorruptSegment("its checksum differs from that in the manifest");
  return segment->VerifyBody();
}

Status VerifyLive(storage::Directory& folder, const ManifestSegment& named) {
  if (named.live_number == 0) return Ok();
  TRINE_ASSIGN(auto bytes, folder.Open(LiveFileName(named.number, named.live_number)));
  TRINE_ASSIGN([[maybe_unused]] const LiveBitsPtr live, DecodeLiveBits(bytes->bytes(), named.rows));
  return Ok();
}

// Findings of Verify: one sentence per file that cannot be used.
struct UnusableFiles {
  std::string sentences;  // each preceded by "; "
  bool damaged = false;   // at least one file is damaged; false: all have an unsupported format version

  void Add(const storage::Directory& folder, const std::string& file, const Error& error) {
    sentences += "; " + folder.path() + "/" + file + ": " + error.ToString();
    damaged |= error.kind() != ErrorKind::kFormatVersion;
  }
};

UnusableFiles VerifyNamedFiles(storage::Directory& folder, std::string_view manifest_text) {
  UnusableFiles unusable;
  const auto add = [&](const std::string& file, const Status& status) {
    if (!status.ok()) unusable.Add(folder, file, status.error());
  };
  const auto manifest = DecodeManifest(manifest_text);
  if (!manifest.ok()) {
    unusable.Add(folder, kManifestName, manifest.error());
    return unusable;
  }
  for (const ManifestSegment& named : manifest->segments) {
    add(SegmentFileName(named.number), VerifySegment(folder, named));
    add(LiveFileName(named.number, named.live_number), VerifyLive(folder, named));
  }
  return unusable;
}

// Verifies the files that the folder's manifest lists. A flush or merge may replace the manifest and remove
// files meanwhile; then the new manifest is verified instead.
UnusableFiles VerifyFolder(storage::Directory& folder) {
  std::string before;
  UnusableFiles unusable;
  for (int tries = 0; tries < kVerifyTries; ++tries) {
    const auto manifest = folder.Open(kManifestName);
    if (!manifest.ok()) {
      UnusableFiles none;
      if (manifest.error().kind() != ErrorKind::kNotFound) none.Add(folder, kManifestName, manifest.error());
      return none;
    }
    const std::string text((*manifest)->bytes());
    if (tries > 0 && text == before) break;
    unusable = VerifyNamedFiles(folder, text);
    if (unusable.sentences.empty()) break;
    before = text;
  }
  return unusable;
}

}  // namespace

IndexSet::IndexSet(std::unique_ptr<storage::Directory> directory, const IndexOptions& options,
                   const Clock& clock, Log& log, Metrics& metrics)
    : directory_(std::move(directory)), options_(options), clock_(clock), log_(log), metrics_(metrics) {
  if (options.background_merges)
    maintenance_ = std::make_shared<Maintenance>([](CollectionIndex& index) { index.Maintain(); });
}

IndexSet::~IndexSet() {
  for (const auto& [id, index] : indexes_) index->Stop();
}

Result<std::shared_ptr<CollectionIndex>> IndexSet::Open(CollectionId id) {
  const MutexLock lock(mutex_);
  if (const auto it = indexes_.find(id); it != indexes_.end()) return it->second;
  TRINE_ASSIGN(auto folder, directory_->Folder(FolderName(id)));
  TRINE_ASSIGN(auto index,
               CollectionIndex::Open(std::move(folder), options_, clock_, log_, metrics_, maintenance_));
  indexes_[id] = index;
  return index;
}

std::shared_ptr<CollectionIndex> IndexSet::Get(CollectionId id) const {
  const MutexLock lock(mutex_);
  const auto it = indexes_.find(id);
  return it == indexes_.end() ? nullptr : it->second;
}

Status IndexSet::Drop(CollectionId id) {
  std::shared_ptr<CollectionIndex> index;
  {
    const MutexLock lock(mutex_);
    if (const auto it = indexes_.find(id); it != indexes_.end()) {
      index = std::move(it->second);
      indexes_.erase(it);
    }
  }
  if (index != nullptr) index->Stop();
  return directory_->RemoveFolder(FolderName(id));
}

std::vector<std::pair<CollectionId, std::shared_ptr<CollectionIndex>>> IndexSet::All() const {
  const MutexLock lock(mutex_);
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
  std::string sentences;
  bool damaged = false;
  for (const CollectionId id : stored) {
    TRINE_ASSIGN(auto folder, directory_->Folder(FolderName(id)));
    const UnusableFiles unusable = VerifyFolder(*folder);
    sentences += unusable.sentences;
    damaged |= unusable.damaged;
  }
  if (sentences.empty()) return Ok();
  return Error(damaged ? ErrorCode::kCorrupt : ErrorCode::kFormatVersion,
               "cannot use index files: " + sentences.substr(2));
}

}  // namespace trine::index
