// CollectionIndex, files: writes memory to disk, then a new manifest that lists the files.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"
#include "index/collection_index.h"

namespace trine::index {

Status CollectionIndex::Flush() {
  if (stop_) return Error(ErrorCode::kUnavailable, "the index is closed");
  {
    const MutexLock lock(mutex_);
    SealBuffer();
  }
  TRINE_TRY(MergeHeapRuns());
  const MutexLock files(file_mutex_);
  std::vector<uint64_t> keys;
  DurablePosition durable;
  {
    const MutexLock lock(mutex_);
    SealBuffer();
    durable = {end_, add_end_};
    for (const SegmentEntry& entry : entries_) keys.push_back(entry.key);
  }
  for (uint64_t key : keys) {
    TRINE_TRY(WriteEntry(key));
    TRINE_TRY(WriteLiveBits(key));
  }
  TRINE_TRY(CommitManifest(durable));
  RemoveObsoleteFiles();
  background_merges_suspended_ = false;
  const MutexLock lock(mutex_);
  Publish(false);  // the same rows, now read from files, so that the heap copies can be freed
  return Ok();
}

Status CollectionIndex::WriteFile(const std::string& name, std::string_view bytes) {
  owned_files_.insert(name);
  TRINE_ASSIGN(auto file, folder_->Create(name));
  TRINE_TRY(file->Append(bytes));
  TRINE_TRY(file->Sync());
  return file->Close();
}

Status CollectionIndex::WriteEntry(uint64_t key) {
  SegmentPtr segment;
  {
    const MutexLock lock(mutex_);
    const SegmentEntry* entry = FindEntry(key);
    if (entry == nullptr || entry->file != 0) return Ok();
    segment = entry->segment;
  }
  const uint64_t number = next_number_++;
  const std::string name = SegmentFileName(number);
  TRINE_TRY(WriteFile(name, segment->bytes()));
  TRINE_ASSIGN(auto bytes, folder_->Open(name));
  TRINE_ASSIGN(segment, Segment::Open(std::move(bytes), "_" + std::to_string(number)));
  const MutexLock lock(mutex_);
  SegmentEntry* entry = FindEntry(key);
  if (entry == nullptr) return Ok();  // a refresh has dropped the entry: all its rows were deleted
  TRINE_CHECK_EQ(segment->rows(), entry->segment->rows());
  entry->segment = std::move(segment);
  entry->file = number;
  return Ok();
}

Status CollectionIndex::WriteLiveBits(uint64_t key) {
  LiveBitsPtr live;
  uint64_t file = 0;
  {
    const MutexLock lock(mutex_);
    const SegmentEntry* entry = FindEntry(key);
    if (entry == nullptr || entry->file == 0) return Ok();
    live = LiveAfterPendingDeletes(*entry);
    if (live == nullptr || (entry->live_file != 0 && entry->live_file_rows == live->live)) return Ok();
    file = entry->file;
  }
  const uint64_t number = next_number_++;
  TRINE_TRY(WriteFile(LiveFileName(file, number), EncodeLiveBits(*live)));
  const MutexLock lock(mutex_);
  SegmentEntry* entry = FindEntry(key);
  if (entry == nullptr) return Ok();
  entry->live_file = number;
  entry->live_file_rows = live->live;
  return Ok();
}

Status CollectionIndex::CommitManifest(std::optional<DurablePosition> durable) {
  Manifest next;
  next.durable = manifest_.durable;
  next.add_end = manifest_.add_end;
  {
    const MutexLock lock(mutex_);
    for (const SegmentEntry& entry : entries_) {
      if (entry.file == 0) {
        // Operations below the durable position are not replayed after a crash, so their rows must be in
        // files, not in this segment on the heap.
        TRINE_CHECK_GE(entry.segment->seq_no(0), next.durable);
        break;
      }
      TRINE_CHECK_LT(entry.file, next_number_.load());
      next.segments.push_back({entry.file, entry.segment->rows(), entry.segment->bytes().size(),
                               entry.segment->body_crc(), entry.live_file});
      next.add_end = std::max(next.add_end, entry.add_end);
    }
  }
  if (durable) {
    next.durable = std::max(next.durable, durable->end);
    next.add_end = std::max(next.add_end, durable->add_end);
  }
  TRINE_CHECK_GE(next.durable, manifest_.durable);
  TRINE_CHECK_GE(next.add_end, manifest_.add_end);
  next.next_number = next_number_;
  if (next.durable == manifest_.durable && next.add_end == manifest_.add_end &&
      next.segments == manifest_.segments) {
    return Ok();
  }
  TRINE_TRY(folder_->Sync());  // the new names must be durable before the manifest that uses them
  TRINE_TRY(storage::WriteFileAtomically(*folder_, kManifestName, EncodeManifest(next)));
  manifest_ = std::move(next);
  const MutexLock lock(mutex_);
  durable_ = manifest_.durable;
  return Ok();
}

void CollectionIndex::RemoveObsoleteFiles() {
  std::set<std::string> used;
  const auto use = [&used](uint64_t file, uint64_t live_file) {
    used.insert(SegmentFileName(file));
    if (live_file != 0) used.insert(LiveFileName(file, live_file));
  };
  for (const ManifestSegment& s : manifest_.segments) use(s.number, s.live_number);
  {
    const MutexLock lock(mutex_);
    for (const SegmentEntry& entry : entries_) {
      if (entry.file != 0) use(entry.file, entry.live_file);
    }
  }
  std::erase_if(owned_files_, [&](const std::string& file) {
    if (used.contains(file)) return false;
    auto removed = folder_->Remove(file);
    if (removed.ok() || removed.error().kind() == ErrorKind::kNotFound) return true;
    Warn("cannot remove " + file, removed.error());
    return false;
  });
}

Status CollectionIndex::SpillHeap() {
  const MutexLock files(file_mutex_);
  std::vector<uint64_t> keys;
  {
    const MutexLock lock(mutex_);
    for (const SegmentEntry& entry : entries_) {
      if (entry.file == 0 && entry.segment->bytes().size() >= options_.memory_segment_bytes)
        keys.push_back(entry.key);
    }
  }
  for (uint64_t key : keys) {
    if (stop_) break;
    TRINE_TRY(WriteEntry(key));
  }
  if (keys.empty()) return Ok();
  const MutexLock lock(mutex_);
  Publish(false);
  return Ok();
}

}  // namespace trine::index
