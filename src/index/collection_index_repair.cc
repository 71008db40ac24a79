// CollectionIndex, repair: leaves out a segment whose file is damaged, and replaces it when its rows have
// been built again.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "index/collection_index.h"
#include "index/segment_repair.h"

namespace trine::index {

void CollectionIndex::MarkDamaged(uint64_t file, const std::string& what) {
  const MutexLock lock(mutex_);
  const auto at = std::ranges::find(entries_, file, &SegmentEntry::file);
  // Otherwise a merge, which verifies its sources, has replaced the file meanwhile.
  if (file != 0 && at != entries_.end()) LeaveOut(&*at, what);
}

void CollectionIndex::LeaveOut(SegmentEntry* entry, const std::string& what) {
  if (!entry->damage.empty()) return;
  entry->damage = what;
  Publish(true);
  log_.Error("index " + folder_->path() + ": " + what +
             "; searches do not find its documents until it is built again");
}

std::optional<CollectionIndex::DamagedSegment> CollectionIndex::damaged() const {
  const MutexLock lock(mutex_);
  SeqNo begin;
  for (const SegmentEntry& entry : entries_) {
    if (!entry.damage.empty()) return DamagedSegment{begin, entry.add_end, entry.damage};
    begin = entry.add_end;
  }
  return std::nullopt;
}

Result<std::unique_ptr<SegmentRepair>> CollectionIndex::BeginRepair() {
  const MutexLock lock(mutex_);
  if (stop_) return Error(ErrorCode::kUnavailable, "the index is closed");
  if (repair_) return Error(ErrorCode::kInUse, "another repair of the index runs");
  const auto at = std::ranges::find_if(entries_, [](const SegmentEntry& e) { return !e.damage.empty(); });
  if (at == entries_.end()) return Error(ErrorCode::kNotFound, "no segment of the index is damaged");
  if (at->merging || !at->visible)
    return Error(ErrorCode::kInUse, "the damaged segment is used by a merge or not refreshed yet");
  RunningRepair repair;
  repair.key = at->key;
  repair.begin = at == entries_.begin() ? SeqNo{0} : std::prev(at)->add_end;
  repair.end = at->add_end;
  std::unique_ptr<SegmentRepair> made(
      new SegmentRepair(shared_from_this(), repair.begin, repair.end, options_.buffer_bytes));
  repair_ = std::move(repair);
  return made;
}

void CollectionIndex::AbandonRepair(const SegmentRepair& repair) {
  const MutexLock files(file_mutex_);
  {
    const MutexLock state(mutex_);
    repair_.reset();
  }
  if (stop_) return;  // the folder may be gone; otherwise the next Open removes the files
  for (const SegmentRepair::Part& part : repair.parts_) {
    const Status removed = folder_->Remove(SegmentFileName(part.number));
    if (!removed.ok()) Warn("cannot remove " + SegmentFileName(part.number), removed.error());
  }
}

// The file belongs to the index only when the repair is committed; until then, Open removes it as an orphan.
Result<uint64_t> CollectionIndex::WriteRepairedFile(std::string_view bytes) {
  const MutexLock files(file_mutex_);
  if (stop_) return Error(ErrorCode::kUnavailable, "the index is closed");
  const uint64_t number = next_number_++;
  const auto write = [&]() -> Status {
    TRINE_ASSIGN(auto file, folder_->Create(SegmentFileName(number)));
    TRINE_TRY(file->Append(bytes));
    TRINE_TRY(file->Sync());
    return file->Close();
  };
  if (const Status written = write(); !written.ok()) {
    static_cast<void>(folder_->Remove(SegmentFileName(number)).ok());  // it may not exist
    return written.error();
  }
  return number;
}

Status CollectionIndex::CommitRepair(SegmentRepair* repair) {
  const MutexLock files(file_mutex_);
  if (stop_) return Error(ErrorCode::kUnavailable, "the index is closed");
  std::vector<uint64_t> keys;
  for (const SegmentRepair::Part& part : repair->parts_) owned_files_.insert(SegmentFileName(part.number));
  {
    const MutexLock lock(mutex_);
    ReplaceDamaged(repair);
    for (const SegmentEntry& entry : entries_) keys.push_back(entry.key);
    Publish(true);
  }
  // As after a merge: see CommitMerge.
  const auto make_durable = [&]() TRINE_REQUIRES(file_mutex_) -> Status {
    for (uint64_t key : keys) TRINE_TRY(WriteLiveBits(key));
    TRINE_TRY(CommitManifest(std::nullopt));
    RemoveObsoleteFiles();
    return Ok();
  };
  if (const Status durable = make_durable(); !durable.ok())
    Warn("the next flush stores the segment that was built again", durable.error());
  RequestMaintenance();
  return Ok();
}

void CollectionIndex::ReplaceDamaged(SegmentRepair* repair) {
  TRINE_CHECK(repair_.has_value());
  // A damaged entry is neither merged nor dropped.
  const auto damaged = std::ranges::find(entries_, repair_->key, &SegmentEntry::key);
  TRINE_CHECK(damaged != entries_.end());
  std::vector<SegmentEntry> parts;
  std::vector<std::shared_ptr<LiveBits>> live(repair->parts_.size());
  for (const SegmentRepair::Part& part : repair->parts_) {
    SegmentEntry entry;
    entry.key = next_key_++;
    entry.segment = part.segment;
    entry.file = part.number;
    entry.visible = true;
    entry.add_end = SeqNo{part.segment->last_seq_no().value + 1};
    TRINE_CHECK_LE(entry.add_end, damaged->add_end);
    parts.push_back(std::move(entry));
  }
  if (!parts.empty()) parts.back().add_end = damaged->add_end;
  // Deletes that no refresh has shown yet stay pending, so that the old and the new row of a document change
  // places in one step.
  const auto remove = [&](SeqNo seq_no, bool pending) {
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::optional<Row> row = parts[i].segment->RowOf(seq_no);
      if (!row) continue;
      if (pending) return parts[i].pending_deletes.push_back(*row);
      if (live[i] == nullptr) live[i] = std::make_shared<LiveBits>(parts[i].segment->rows());
      live[i]->Clear(*row);
      return;
    }
  };
  for (const SeqNo seq_no : repair->removed_) remove(seq_no, false);
  for (size_t i = 0; i < repair_->deleted.size(); ++i) remove(repair_->deleted[i], i >= repair_->refreshed);
  for (size_t i = 0; i < parts.size(); ++i) {
    parts[i].live = live[i];
    std::erase_if(parts[i].pending_deletes, [&](Row row) { return !IsLive(parts[i].live, row); });
  }
  const auto at = damaged - entries_.begin();
  entries_.reserve(entries_.size() + parts.size());  // from here on nothing can fail for lack of memory
  entries_.insert(entries_.begin() + at + 1, std::make_move_iterator(parts.begin()),
                  std::make_move_iterator(parts.end()));
  entries_.erase(entries_.begin() + at);
  repair->replaced_ = true;
  repair_.reset();
}

SegmentRepair::~SegmentRepair() {
  if (!replaced_) index_->AbandonRepair(*this);
}

Status SegmentRepair::Add(const IndexDocument& document) {
  TRINE_CHECK_LE(begin_, document.seq_no);
  TRINE_CHECK_LT(document.seq_no, end_);
  TRINE_TRY(CatchBadAlloc([&] { return buffer_.Add(document); }));
  return buffer_.bytes() < part_bytes_ ? Ok() : WritePart();
}

Status SegmentRepair::WritePart() {
  if (buffer_.rows() == 0) return Ok();
  return CatchBadAlloc([&]() -> Status {
    parts_.reserve(parts_.size() + 1);
    TRINE_ASSIGN(const uint64_t number, index_->WriteRepairedFile(buffer_.Seal().segment));
    parts_.push_back({number, nullptr});
    buffer_.Clear();
    TRINE_ASSIGN(auto bytes, index_->folder_->Open(SegmentFileName(number)));
    TRINE_ASSIGN(parts_.back().segment, Segment::Open(std::move(bytes), "_" + std::to_string(number)));
    return Ok();
  });
}

Status SegmentRepair::Commit() {
  TRINE_CHECK(!replaced_);
  TRINE_TRY(WritePart());
  return CatchBadAlloc([&] { return index_->CommitRepair(this); });
}

}  // namespace trine::index
