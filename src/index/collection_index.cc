#include "index/collection_index.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"

namespace trine::index {
namespace {

class ReaderSnapshot final : public IndexReader {
 public:
  ReaderSnapshot(std::vector<std::shared_ptr<const SegmentReader>> segments, uint64_t generation, SeqNo end,
                 std::string damage)
      : segments_(std::move(segments)), generation_(generation), end_(end), damage_(std::move(damage)) {
    for (const auto& segment : segments_) {
      live_rows_ += segment->live_rows();
      deleted_rows_ += segment->rows() - segment->live_rows();
    }
  }
  const std::vector<std::shared_ptr<const SegmentReader>>& segments() const override { return segments_; }
  uint64_t live_rows() const override { return live_rows_; }
  uint64_t deleted_rows() const override { return deleted_rows_; }
  uint64_t generation() const override { return generation_; }
  SeqNo end_seq_no() const override { return end_; }
  const std::string& damage() const override { return damage_; }

 private:
  const std::vector<std::shared_ptr<const SegmentReader>> segments_;
  const uint64_t generation_;
  const SeqNo end_;
  const std::string damage_;
  uint64_t live_rows_ = 0, deleted_rows_ = 0;
};

// If all heap segments together take more bytes than this many full buffers, Add writes the larger ones to
// files without waiting for a flush.
constexpr size_t kHeapBuffers = 1;

}  // namespace

CollectionIndex::CollectionIndex(std::unique_ptr<storage::Directory> folder, const IndexOptions& options,
                                 const Clock& clock, Log& log, Metrics& metrics,
                                 std::weak_ptr<Maintenance> maintenance)
    : folder_(std::move(folder)),
      options_(options),
      clock_(clock),
      log_(log),
      merge_seconds_(
          metrics.GetHistogram("trine_index_merge_seconds", "Duration of segment merges in seconds.")),
      broken_total_(metrics.GetCounter("trine_index_broken_total",
                                       "Indexes that were found broken and started empty.")),
      maintenance_(std::move(maintenance)),
      buffer_(std::make_unique<Buffer>()) {
  TRINE_CHECK_GT(options.buffer_bytes, 0u);
  policy_.merge_factor = std::max<size_t>(options.merge_factor, 2);
  policy_.floor_bytes = std::max<uint64_t>(options.memory_segment_bytes / 8, 1);
}

Status CollectionIndex::Add(const IndexDocument& document, std::optional<SeqNo> replaces) {
  bool full = false;
  {
    const MutexLock lock(mutex_);
    // Operations arrive in order, so a smaller seq_no means the replay of a document that was added before
    // (and may have been purged since).
    const bool known = document.seq_no < add_end_;
    if (!known) {
      TRINE_TRY(AddToBuffer(document));
      add_end_ = SeqNo{document.seq_no.value + 1};
    }
    if (replaces) MarkDeleted(*replaces);
    if (known) return Ok();
    if (buffer_->bytes() < options_.buffer_bytes) return Ok();
    // The document was added: without memory, the next call or refresh tries again.
    const Status sealed = CatchBadAlloc([this]() TRINE_REQUIRES(mutex_) { return SealBuffer(), Ok(); });
    if (!sealed.ok()) return Ok();
    full = HeapBytes() > kHeapBuffers * options_.buffer_bytes;
  }
  RequestMaintenance();
  if (!full) return Ok();
  // Only log a failure: the document was added, so Add must not reject it because memory cannot be freed now.
  if (const auto status = CatchBadAlloc([this] { return SpillHeap(); }); !status.ok())
    Warn("cannot write a segment", status.error());
  return Ok();
}

// A document that was added only in part cannot be removed from the buffer. So the whole buffer is given up,
// none of which is visible yet.
Status CollectionIndex::AddToBuffer(const IndexDocument& document) {
  try {
    return buffer_->Add(document);
  } catch (const std::bad_alloc&) {
    if (buffer_->rows() > 0) add_end_ = buffer_->first_seq_no();
    end_ = std::min(end_, buffer_->rows() > 0 ? add_end_ : document.seq_no);
    buffer_->Clear();
    return OutOfMemory();
  }
}

SeqNo CollectionIndex::accepted_end() const {
  const MutexLock lock(mutex_);
  return end_;
}

Status CollectionIndex::Delete(SeqNo seq_no) {
  const MutexLock lock(mutex_);
  MarkDeleted(seq_no);
  return Ok();
}

void CollectionIndex::MarkDeleted(SeqNo seq_no) {
  if (buffer_->Delete(seq_no)) return;
  if (repair_ && repair_->begin <= seq_no && seq_no < repair_->end) repair_->deleted.push_back(seq_no);
  // The entries are in ascending order of seq_no, so only the first one whose add_end is larger than seq_no
  // can have the row.
  const auto it = std::partition_point(entries_.begin(), entries_.end(),
                                       [&](const SegmentEntry& e) { return e.add_end <= seq_no; });
  if (it == entries_.end()) return;
  const std::optional<Row> row = it->segment->RowOf(seq_no);
  if (row && IsLive(it->live, *row)) it->pending_deletes.push_back(*row);
}

void CollectionIndex::Advance(SeqNo end) {
  const MutexLock lock(mutex_);
  end_ = std::max(end_, end);
}

void CollectionIndex::SealBuffer() {
  if (buffer_->rows() == 0) return;
  auto next = std::make_unique<Buffer>();
  Buffer::SealedSegment sealed = buffer_->Seal();
  auto segment = Segment::OpenHeap(std::move(sealed.segment), "memory");
  TRINE_CHECK(segment.ok());  // the buffer has just written it
  SegmentEntry entry;
  entry.key = next_key_++;
  entry.segment = std::move(segment).value();
  entry.live = std::move(sealed.live);
  entry.add_end = add_end_;
  TRINE_CHECK_LT(entry.segment->last_seq_no(), entry.add_end);
  if (!entries_.empty()) TRINE_CHECK_LE(entries_.back().add_end, entry.segment->seq_no(0));
  entries_.push_back(std::move(entry));
  buffer_ = std::move(next);
}

CollectionIndex::SegmentEntry* CollectionIndex::FindEntry(uint64_t key) {
  const auto it =
      std::find_if(entries_.begin(), entries_.end(), [&](const SegmentEntry& e) { return e.key == key; });
  return it == entries_.end() ? nullptr : &*it;
}

LiveBitsPtr CollectionIndex::LiveAfterPendingDeletes(const SegmentEntry& entry) {
  if (entry.pending_deletes.empty()) return entry.live;
  auto live = entry.live == nullptr ? std::make_shared<LiveBits>(entry.segment->rows())
                                    : std::make_shared<LiveBits>(*entry.live);
  TRINE_CHECK_EQ(live->rows, entry.segment->rows());
  for (Row row : entry.pending_deletes) {
    TRINE_DCHECK_LT(row, live->rows);
    live->Clear(row);
  }
  return live;
}

Result<bool> CollectionIndex::Refresh() {
  bool changed = false;
  {
    const MutexLock lock(mutex_);
    SealBuffer();
    std::vector<LiveBitsPtr> live;
    live.reserve(entries_.size());
    for (const SegmentEntry& entry : entries_) live.push_back(LiveAfterPendingDeletes(entry));
    // From here to Publish nothing can fail for lack of memory.
    visible_end_ = end_;
    for (size_t i = 0; i < entries_.size(); ++i) {
      changed |= !entries_[i].visible || !entries_[i].pending_deletes.empty();
      entries_[i].visible = true;
      entries_[i].live = std::move(live[i]);
      entries_[i].pending_deletes.clear();
    }
    if (repair_) repair_->refreshed = repair_->deleted.size();
    // A segment without live rows is dropped at once, unless a merge is reading it. A damaged one is not: its
    // live bits may belong to other rows.
    std::erase_if(entries_, [](const SegmentEntry& e) {
      return e.live != nullptr && e.live->live == 0 && !e.merging && e.damage.empty();
    });
    Publish(changed);
  }
  if (changed) RequestMaintenance();
  return changed;
}

void CollectionIndex::Publish(bool changed) {
  unpublished_ |= changed;  // also for the next call, if there is no memory for this one
  std::vector<std::shared_ptr<const SegmentReader>> segments;
  std::string damage;
  for (const SegmentEntry& entry : entries_) {
    if (!entry.damage.empty()) {
      damage += (damage.empty() ? "" : "; ") + entry.damage;
    } else if (entry.visible) {
      segments.push_back(std::make_shared<SegmentView>(entry.segment, entry.live));
    }
  }
  const uint64_t generation = generation_ + (unpublished_ ? 1 : 0);
  auto reader =
      std::make_shared<ReaderSnapshot>(std::move(segments), generation, visible_end_, std::move(damage));
  const MutexLock lock(reader_mutex_);
  std::erase_if(old_readers_, [](const auto& old) { return old.expired(); });
  if (reader_ != nullptr) old_readers_.push_back(reader_);
  reader_ = std::move(reader);
  generation_ = generation;
  unpublished_ = false;
}

IndexReaderPtr CollectionIndex::reader() const {
  const MutexLock lock(reader_mutex_);
  return reader_;
}

std::optional<SeqNo> CollectionIndex::oldest_reader_end() const {
  std::vector<IndexReaderPtr> held;  // released after the lock, because the last owner frees the reader
  const MutexLock lock(reader_mutex_);
  std::optional<SeqNo> oldest;
  std::erase_if(old_readers_, [&](const auto& old) {
    held.push_back(old.lock());
    if (held.back() == nullptr) return true;
    if (!oldest || held.back()->end_seq_no() < *oldest) oldest = held.back()->end_seq_no();
    return false;
  });
  return oldest;
}

SeqNo CollectionIndex::durable_seq_no() const {
  const MutexLock lock(mutex_);
  return durable_;
}

uint64_t CollectionIndex::HeapBytes() const {
  uint64_t bytes = 0;
  for (const SegmentEntry& entry : entries_) bytes += entry.file == 0 ? entry.segment->bytes().size() : 0;
  return bytes;
}

CollectionIndex::Stats CollectionIndex::stats() const {
  const MutexLock lock(mutex_);
  Stats stats;
  stats.segments = entries_.size();
  stats.buffered_rows = buffer_->rows();
  stats.memory_bytes = buffer_->bytes() + HeapBytes();
  for (const SegmentEntry& entry : entries_) {
    const uint32_t rows = entry.segment->rows();
    const uint32_t live = entry.live == nullptr ? rows : entry.live->live;
    stats.live_rows += live;
    stats.deleted_rows += rows - live;
    if (entry.file != 0) stats.file_bytes += entry.segment->bytes().size();
  }
  return stats;
}

void CollectionIndex::RequestMaintenance() {
  if (!options_.background_merges) return;
  if (const auto maintenance = maintenance_.lock()) maintenance->Schedule(weak_from_this());
}

void CollectionIndex::Warn(std::string_view what, const Error& why) {
  log_.Warning("index " + folder_->path() + ": " + std::string(what) + ": " + why.ToString());
}

void CollectionIndex::Stop() {
  stop_ = true;
  {
    const MutexLock lock(mutex_);
    while (!NoMergeRunning()) merged_.Wait(mutex_);
  }
  const MutexLock files(file_mutex_);  // waits for a running flush
}

bool CollectionIndex::NoMergeRunning() const {
  return std::none_of(entries_.begin(), entries_.end(), [](const SegmentEntry& e) { return e.merging; });
}

}  // namespace trine::index
