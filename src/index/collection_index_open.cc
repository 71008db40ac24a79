// CollectionIndex, opening: reads the manifest and its files, or starts empty if they cannot be used.
#include <algorithm>

#include "base/mutex.h"
#include "index/collection_index.h"

namespace trine::index {
namespace {
constexpr char kBrokenPrefix[] = "broken-";

Error Corrupt(std::string what) { return Error(ErrorCode::kCorrupt, std::move(what)); }

// Corruption and a format-version mismatch have the same remedy: the index is derived data, so it is rebuilt.
bool IsUnusable(const Error& error) {
  return error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kFormatVersion;
}

// A file that the manifest lists but that does not exist counts as damage, so that the index is rebuilt.
Error MissingFileAsCorrupt(Error error, const std::string& file) {
  if (error.kind() == ErrorKind::kNotFound)
    return Corrupt("the manifest lists " + file + ", but the file does not exist");
  return error;
}

}  // namespace

Result<std::shared_ptr<CollectionIndex>> CollectionIndex::Open(std::unique_ptr<storage::Directory> folder,
                                                               const IndexOptions& options,
                                                               const Clock& clock, Log& log, Metrics& metrics,
                                                               std::weak_ptr<Maintenance> maintenance) {
  std::shared_ptr<CollectionIndex> index(
      new CollectionIndex(std::move(folder), options, clock, log, metrics, std::move(maintenance)));
  const MutexLock files(index->file_mutex_);
  const MutexLock state(index->mutex_);
  TRINE_TRY(index->Load());
  return index;
}

Status CollectionIndex::Load() {
  const auto bytes = folder_->Open(kManifestName);
  if (bytes.ok()) {
    auto manifest = DecodeManifest((*bytes)->bytes());
    if (manifest.ok()) {
      TRINE_TRY(LoadSegments(*manifest));
    } else {
      TRINE_TRY(ResetToEmpty(manifest.error(), kManifestName));
    }
  } else if (IsUnusable(bytes.error())) {
    TRINE_TRY(ResetToEmpty(bytes.error(), kManifestName));
  } else if (bytes.error().kind() != ErrorKind::kNotFound) {
    return bytes.error();
  }
  TRINE_TRY(RemoveOrphanFiles());
  visible_end_ = end_ = durable_;
  Publish(true);
  return Ok();
}

Status CollectionIndex::LoadSegments(const Manifest& manifest) {
  next_number_ = manifest.next_number;
  std::vector<SegmentEntry> entries;
  for (const ManifestSegment& named : manifest.segments) {
    std::string broken_file;
    auto entry = LoadEntry(named, &broken_file);
    if (!entry.ok()) {
      if (!IsUnusable(entry.error())) return std::move(entry).error();
      return ResetToEmpty(entry.error(), broken_file);
    }
    if (!entries.empty() && entry->segment->rows() > 0 &&
        entry->segment->seq_no(0) < entries.back().add_end) {
      return ResetToEmpty(Corrupt("the segments in the manifest are not in ascending order of seq_no"),
                          kManifestName);
    }
    entries.push_back(std::move(entry).value());
  }
  if (!entries.empty()) entries.back().add_end = std::max(entries.back().add_end, manifest.add_end);
  for (const ManifestSegment& s : manifest.segments) {
    owned_files_.insert(SegmentFileName(s.number));
    if (s.live_number != 0) owned_files_.insert(LiveFileName(s.number, s.live_number));
  }
  manifest_ = manifest;
  entries_ = std::move(entries);
  durable_ = manifest.durable;
  add_end_ = manifest.add_end;
  return Ok();
}

Result<CollectionIndex::SegmentEntry> CollectionIndex::LoadEntry(const ManifestSegment& named,
                                                                 std::string* broken_file) {
  const std::string file = SegmentFileName(named.number);
  *broken_file = file;
  auto bytes = folder_->Open(file);
  if (!bytes.ok()) return MissingFileAsCorrupt(std::move(bytes).error(), file);
  if ((*bytes)->bytes().size() != named.bytes) {
    return Corrupt(file + " does not have the size that the manifest states")
        .Expected(std::to_string(named.bytes) + " bytes")
        .Got(std::to_string((*bytes)->bytes().size()));
  }
  TRINE_ASSIGN(SegmentPtr segment,
               Segment::Open(std::move(bytes).value(), "_" + std::to_string(named.number)));
  if (segment->rows() != named.rows || segment->body_crc() != named.body_crc) {
    return Corrupt(file + " does not have the number of rows or the checksum that the manifest states");
  }
  if (named.bytes <= options_.verify_bytes) TRINE_TRY(segment->VerifyBody());
  SegmentEntry entry;
  entry.key = next_key_++;
  entry.segment = segment;
  entry.visible = true;
  entry.file = named.number;
  entry.add_end = SeqNo{segment->last_seq_no().value + 1};
  if (named.live_number == 0) return entry;

  *broken_file = LiveFileName(named.number, named.live_number);
  auto live_bytes = folder_->Open(*broken_file);
  if (!live_bytes.ok()) return MissingFileAsCorrupt(std::move(live_bytes).error(), *broken_file);
  TRINE_ASSIGN(entry.live, DecodeLiveBits((*live_bytes)->bytes(), named.rows));
  entry.live_file = named.live_number;
  entry.live_file_rows = entry.live->live;
  return entry;
}

Status CollectionIndex::ResetToEmpty(const Error& why, const std::string& broken_file) {
  // The manifest is moved aside together with the broken file, because without that file it does not describe
  // a complete index.
  Status aside = Ok();
  for (const std::string& file : {broken_file, std::string(kManifestName)}) {
    auto moved = folder_->Rename(file, kBrokenPrefix + file);
    if (!moved.ok() && moved.error().kind() != ErrorKind::kNotFound) aside = std::move(moved);
  }
  if (aside.ok()) aside = folder_->Sync();
  // On a read-only disk the index starts empty all the same, and the next start finds the same files.
  const std::string what = aside.ok() ? "moved " + broken_file + " aside as " + kBrokenPrefix + broken_file
                                      : broken_file + " cannot be moved aside: " + aside.error().ToString();
  log_.Error("cannot use index " + folder_->path() + ": " + why.ToString() + "; " + what +
             "; the index starts empty and is rebuilt from the records");
  broken_total_.Add();
  entries_.clear();
  owned_files_.clear();
  manifest_ = {};
  durable_ = add_end_ = {};
  return Ok();
}

SeqNo CollectionIndex::end_seq_no() const {
  const MutexLock lock(mutex_);
  return std::max(durable_, add_end_);
}

Status CollectionIndex::StartEmpty(const std::string& why) {
  {
    // The result of a merge would bring the segments back. A merge takes file_mutex_ at its end, so that this
    // waits without it, and marks the segments so that no other merge begins.
    const MutexLock state(mutex_);
    while (!NoMergeRunning()) merged_.Wait(mutex_);
    for (SegmentEntry& entry : entries_) entry.merging = true;
  }
  const auto drop = [&]() -> Status {
    const MutexLock files(file_mutex_);
    const MutexLock state(mutex_);
    log_.Info("index " + folder_->path() + " is built again from the records: " + why);
    if (const auto removed = folder_->Remove(kManifestName);
        !removed.ok() && removed.error().kind() != ErrorKind::kNotFound) {
      return removed;
    }
    TRINE_TRY(folder_->Sync());
    entries_.clear();
    owned_files_.clear();
    manifest_ = {};
    durable_ = add_end_ = {};
    TRINE_TRY(RemoveOrphanFiles());
    visible_end_ = end_ = durable_;
    Publish(true);
    return Ok();
  };
  const Status done = drop();
  {
    const MutexLock state(mutex_);
    for (SegmentEntry& entry : entries_) entry.merging = false;
  }
  merged_.NotifyAll();
  return done;
}

Status CollectionIndex::RemoveOrphanFiles() {
  TRINE_ASSIGN(const std::vector<std::string> files, folder_->List());
  for (const std::string& file : files) {
    if (!file.starts_with('_') || owned_files_.contains(file)) continue;
    auto removed = folder_->Remove(file);
    if (!removed.ok()) Warn("cannot remove " + file, removed.error());
  }
  return Ok();
}

}  // namespace trine::index
