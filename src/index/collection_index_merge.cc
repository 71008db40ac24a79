// CollectionIndex, merging: merges adjacent segments while reads and writes continue.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "index/collection_index.h"

namespace trine::index {
namespace {

// Creates its file when the first byte is written, so that a merge that keeps no row leaves no file.
class FileSink final : public ByteSink {
 public:
  FileSink(storage::Directory& folder, std::string name) : folder_(folder), name_(std::move(name)) {}
  Status Append(std::string_view bytes) override {
    if (file_ == nullptr) {
      TRINE_ASSIGN(file_, folder_.Create(name_));
    }
    return file_->Append(bytes);
  }
  Status Finish() {
    if (file_ == nullptr) return Ok();
    TRINE_TRY(file_->Sync());
    return file_->Close();
  }

 private:
  storage::Directory& folder_;
  const std::string name_;
  std::unique_ptr<storage::WritableFile> file_;
};

}  // namespace

std::vector<MergeCandidate> CollectionIndex::Candidates() const {
  std::vector<MergeCandidate> candidates;
  for (const SegmentEntry& entry : entries_) {
    const uint32_t rows = entry.segment->rows();
    candidates.push_back({entry.segment->bytes().size(), rows,
                          entry.live == nullptr ? rows : entry.live->live,
                          entry.visible && !entry.merging && entry.damage.empty()});
  }
  return candidates;
}

CollectionIndex::MergePlan CollectionIndex::PlanMerge(const MergeRange& range) {
  TRINE_CHECK_LT(range.begin, range.end);
  TRINE_CHECK_LE(range.end, entries_.size());
  MergePlan plan;
  uint64_t bytes = 0;
  plan.keys.reserve(range.end - range.begin);
  plan.sources.reserve(range.end - range.begin);
  for (size_t i = range.begin; i < range.end; ++i) {
    SegmentEntry& entry = entries_[i];
    TRINE_CHECK(!entry.merging);
    entry.merging = true;
    plan.keys.push_back(entry.key);
    plan.sources.push_back({entry.segment, entry.live});
    plan.from_files |= entry.file != 0;
    bytes += entry.segment->bytes().size();
  }
  plan.to_file = plan.from_files || bytes >= options_.memory_segment_bytes;
  return plan;
}

// With more than `max_segments` segments, returns the run with the fewest bytes whose merge leaves
// `max_segments`. Otherwise returns the first segment with deleted rows, alone.
std::optional<MergeRange> CollectionIndex::ForcedMerge(size_t max_segments) const {
  const std::vector<MergeCandidate> all = Candidates();
  TRINE_CHECK_GT(max_segments, 0u);
  size_t count = 0;  // number of visible entries; the others come last and are left for a later merge
  while (count < all.size() && all[count].mergeable) ++count;
  if (count > max_segments) {
    const size_t width = count - max_segments + 1;
    MergeRange best;
    uint64_t best_bytes = UINT64_MAX;
    for (size_t begin = 0; begin + width <= count; ++begin) {
      uint64_t bytes = 0;
      for (size_t i = begin; i < begin + width; ++i) bytes += all[i].bytes;
      if (bytes < best_bytes) best = {begin, begin + width};
      best_bytes = std::min(best_bytes, bytes);
    }
    return best;
  }
  for (size_t i = 0; i < count; ++i) {
    if (all[i].live_rows < all[i].rows) return MergeRange{i, i + 1};
  }
  return std::nullopt;
}

Status CollectionIndex::Merge(size_t max_segments) {
  while (!stop_) {
    MergePlan plan;
    {
      const MutexLock lock(mutex_);
      while (!NoMergeRunning()) merged_.Wait(mutex_);
      const auto range = max_segments == 0 ? NextMerge(Candidates(), policy_) : ForcedMerge(max_segments);
      if (!range) return Ok();
      plan = PlanMerge(*range);
    }
    TRINE_TRY(RunMerge(plan));
  }
  return Ok();
}

void CollectionIndex::Maintain() {
  if (stop_ || background_merges_suspended_) return;
  const Status status = CatchBadAlloc([this]() -> Status {
    TRINE_TRY(SpillHeap());
    return Merge(0);
  });
  if (status.ok() || stop_) return;
  background_merges_suspended_ = true;
  Warn("background merges are suspended until a flush succeeds", status.error());
}

// Merges each run of adjacent heap segments into one file, so that a flush after many refreshes writes few
// files.
Status CollectionIndex::MergeHeapRuns() {
  while (true) {
    MergePlan plan;
    {
      const MutexLock lock(mutex_);
      const auto joins = [this](size_t i, size_t begin) TRINE_REQUIRES(mutex_) {
        return entries_[i].file == 0 && !entries_[i].merging &&
               entries_[i].visible == entries_[begin].visible;
      };
      MergeRange run;
      for (size_t begin = 0; begin < entries_.size() && run.end - run.begin < 2;
           begin = std::max(run.end, begin + 1)) {
        run = {begin, begin};
        while (run.end < entries_.size() && joins(run.end, begin)) ++run.end;
      }
      if (run.end - run.begin < 2) return Ok();
      plan = PlanMerge(run);
      plan.to_file = true;
    }
    TRINE_TRY(RunMerge(plan));
  }
}

Status CollectionIndex::RunMerge(const MergePlan& plan) {
  const int64_t begin = clock_.MonotonicNanos();
  Status status = CatchBadAlloc([&] { return MergeAndCommit(plan); });
  {
    // Sources that this merge did not replace may be merged again.
    const MutexLock lock(mutex_);
    for (uint64_t key : plan.keys) {
      if (SegmentEntry* entry = FindEntry(key); entry != nullptr) entry->merging = false;
    }
  }
  merged_.NotifyAll();
  merge_seconds_.Observe(static_cast<double>(clock_.MonotonicNanos() - begin) * 1e-9);
  return status;
}

// Verifies sources in files before they are merged, because damaged bytes must not be copied into a new file
// under a valid checksum.
bool CollectionIndex::SourcesAreIntact(const MergePlan& plan) {
  bool intact = true;
  for (size_t i = 0; i < plan.sources.size(); ++i) {
    const Status good = plan.sources[i].segment->VerifyBody();
    if (good.ok()) continue;
    intact = false;
    const MutexLock lock(mutex_);
    SegmentEntry* entry = FindEntry(plan.keys[i]);
    TRINE_CHECK(entry != nullptr);
    LeaveOut(entry, "the index file " + entry->segment->name() + ".seg has a wrong checksum");
  }
  return intact;
}

Status CollectionIndex::MergeAndCommit(const MergePlan& plan) {
  if (plan.from_files && !SourcesAreIntact(plan)) return Ok();  // later plans leave the damaged ones out
  if (!plan.to_file) {
    StringSink sink;
    TRINE_ASSIGN(const MergeResult result, MergeSegments(plan.sources, &sink, stop_));
    SegmentPtr merged;
    if (result.rows > 0) {
      TRINE_ASSIGN(merged, Segment::OpenHeap(sink.Take(), "memory"));
    }
    return CommitMerge(plan, std::move(merged), result, 0);
  }
  const uint64_t number = next_number_++;
  const std::string name = SegmentFileName(number);
  FileSink sink(*folder_, name);
  auto result = MergeSegments(plan.sources, &sink, stop_);
  Status written = result.ok() ? sink.Finish() : Status(result.error());
  if (!written.ok()) {
    // Ignore an error: the file may not exist, and if it stays, the next Open removes it as an orphan.
    static_cast<void>(folder_->Remove(name).ok());
    return written;
  }
  SegmentPtr merged;
  if (result->rows > 0) {
    TRINE_ASSIGN(auto bytes, folder_->Open(name));
    TRINE_ASSIGN(merged, Segment::Open(std::move(bytes), "_" + std::to_string(number)));
  }
  return CommitMerge(plan, std::move(merged), *result, result->rows > 0 ? number : 0);
}

Status CollectionIndex::CommitMerge(const MergePlan& plan, SegmentPtr merged, const MergeResult& result,
                                    uint64_t number) {
  const MutexLock files(file_mutex_);
  if (number != 0) owned_files_.insert(SegmentFileName(number));
  if (stop_) return Error(ErrorCode::kTimeout, "the merge was stopped because the index is closing");
  std::vector<uint64_t> keys;
  {
    const MutexLock lock(mutex_);
    // A flush has written sources of this merge to files, and the manifest lists them, so a segment on the
    // heap must not replace them. A later merge will read them from their files.
    if (number == 0 && !plan.from_files && result.rows > 0 && AnySourceInFile(plan)) return Ok();
    if (AnySourceDamaged(plan)) return Error(ErrorCode::kCorrupt, "a source of the merge is damaged");
    ReplaceEntries(plan, std::move(merged), result, number);
    Publish(true);
    for (const SegmentEntry& entry : entries_) keys.push_back(entry.key);
  }
  if (number == 0 && !plan.from_files) return Ok();
  // Write all live bits, for two reasons. Deletes that became durable while the merge ran must stay durable.
  // And a segment that the manifest lists for the first time can contain an old and a new row of one record,
  // of which only the new one may be live after a crash.
  for (uint64_t key : keys) TRINE_TRY(WriteLiveBits(key));
  TRINE_TRY(CommitManifest(std::nullopt));
  RemoveObsoleteFiles();
  return Ok();
}

bool CollectionIndex::AnySourceInFile(const MergePlan& plan) {
  return std::ranges::any_of(plan.keys, [this](uint64_t key) TRINE_REQUIRES(mutex_) {
    const SegmentEntry* entry = FindEntry(key);
    return entry != nullptr && entry->file != 0;
  });
}

bool CollectionIndex::AnySourceDamaged(const MergePlan& plan) {
  return std::ranges::any_of(plan.keys, [this](uint64_t key) TRINE_REQUIRES(mutex_) {
    const SegmentEntry* entry = FindEntry(key);
    return entry != nullptr && !entry->damage.empty();
  });
}

void CollectionIndex::ReplaceEntries(const MergePlan& plan, SegmentPtr merged, const MergeResult& result,
                                     uint64_t number) {
  SegmentEntry entry;
  entry.key = next_key_++;
  entry.file = number;
  std::shared_ptr<LiveBits> live;
  const auto first = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const SegmentEntry& e) { return e.key == plan.keys.front(); });
  TRINE_CHECK_EQ(result.new_rows.size(), plan.keys.size());
  TRINE_CHECK_GE(static_cast<size_t>(entries_.end() - first), plan.keys.size());
  for (size_t i = 0; i < plan.keys.size(); ++i) {
    const SegmentEntry& old = *(first + static_cast<ptrdiff_t>(i));
    TRINE_CHECK_EQ(old.key, plan.keys[i]);
    const std::vector<Row>& map = result.new_rows[i];
    TRINE_CHECK_EQ(map.size(), old.segment->rows());
    if (old.live != plan.sources[i].live) {  // rows were deleted while the merge ran
      for (Row row = 0; row < map.size(); ++row) {
        if (map[row] == kNoMoreRows || IsLive(old.live, row)) continue;
        if (live == nullptr) live = std::make_shared<LiveBits>(result.rows);
        live->Clear(map[row]);
      }
    }
    for (Row row : old.pending_deletes) {
      if (map[row] != kNoMoreRows) entry.pending_deletes.push_back(map[row]);
    }
    entry.visible = old.visible;
    entry.add_end = old.add_end;
  }
  const auto after = entries_.erase(first, first + static_cast<ptrdiff_t>(plan.keys.size()));
  TRINE_CHECK_EQ(merged == nullptr ? 0 : merged->rows(), result.rows);
  entry.segment = std::move(merged);
  entry.live = std::move(live);
  if (entry.segment != nullptr) entries_.insert(after, std::move(entry));
}

}  // namespace trine::index
