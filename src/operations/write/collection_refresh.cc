// The part of CollectionWriter that runs after writes are acknowledged: refresh, flush, and replay of the
// operations that the index files lack.
#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "base/task_health.h"
#include "operations/write/collection_writer.h"
#include "operations/write/foreign_index.h"
#include "operations/write/left_out.h"
#include "operations/write/parallel.h"

namespace trine::operations {

using catalogue::Record;
using catalogue::RecordVersion;

namespace {

// Whether the index refuses the content of this document, and not every document.
bool IsFaultOfDocument(const Error& error) {
  return error.kind() == ErrorKind::kInvalid || error.kind() == ErrorKind::kLimit;
}

}  // namespace

Status CollectionWriter::Refresh() {
  Status done = CatchBadAlloc([this] { return RefreshLocked(); });
  if (done.ok()) {
    CallWaiters();
    return done;
  }
  const MutexLock wait(wait_mutex_);
  if (!waiters_.empty()) ForceRefresh(kForcedRefreshMs);
  return done;
}

Status CollectionWriter::RefreshLocked() {
  const MutexLock lock(refresh_mutex_);
  dirty_since_ = kNever;
  forced_at_ = kNever;
  if (closed_) return Ok();
  if (lagging_) TRINE_TRY(CatchUp());
  const uint64_t end = written_;
  TRINE_ASSIGN([[maybe_unused]] const bool changed, index_->Refresh());
  const MutexLock wait(wait_mutex_);
  searchable_ = std::max(searchable_.load(), end);
  return Ok();
}

// Makes a refresh due in `millis`, unless one is due earlier.
void CollectionWriter::ForceRefresh(int64_t millis) {
  const int64_t due = deps_.clock.MonotonicNanos() + millis * 1'000'000;
  int64_t current = forced_at_;
  while (due < current) {
    if (forced_at_.compare_exchange_weak(current, due)) return deps_.wake();
  }
}

// Calls the functions whose writes are searchable now.
void CollectionWriter::CallWaiters() {
  std::list<Waiter> ready;
  {
    const MutexLock lock(wait_mutex_);
    for (auto at = waiters_.begin(); at != waiters_.end();) {
      const auto waiter = at++;
      if (waiter->end <= searchable_) ready.splice(ready.end(), waiters_, waiter);
    }
  }
  for (const Waiter& waiter : ready) waiter.done();
}

// Replays the operations that the index rejected earlier. Refreshes the index first, because the replay
// deletes the superseded rows that it finds in the reader.
Status CollectionWriter::CatchUp() {
  const auto writes = deps_.records.Begin(id_);  // blocks writes during the replay
  if (!lagging_from_) return Ok();
  TRINE_ASSIGN([[maybe_unused]] const bool changed, index_->Refresh());
  TRINE_TRY(ReplayFrom(*lagging_from_));
  lagging_from_.reset();
  lagging_ = false;
  ++catch_ups_;
  index_->Advance(deps_.records.NextSeqNo(id_));
  return Ok();
}

Status CollectionWriter::Flush() {
  if (closed_) return Ok();
  unflushed_since_ = kNever;
  TRINE_TRY(Refresh());
  const uint64_t end = searchable_;
  const MutexLock lock(refresh_mutex_);
  TRINE_TRY(index_->Flush());
  TRINE_CHECK_LE(end, written_.load());
  flushed_ = std::max(flushed_.load(), end);
  // Readers older than the last refresh may still read the records that were superseded after their end.
  SeqNo safe{std::min(end, index_->durable_seq_no().value)};
  if (const auto oldest = index_->oldest_reader_end()) safe = std::min(safe, *oldest);
  return deps_.records.Purge(id_, safe, EndOfOldDeletes());
}

SeqNo CollectionWriter::EndOfOldDeletes() {
  const int64_t now = deps_.clock.MonotonicNanos();
  if (now - watched_since_ >= kRememberDeletesMs * 1'000'000) {
    old_deletes_ = watched_end_;
    watched_end_ = written_;
    watched_since_ = now;
  }
  return SeqNo{old_deletes_};
}

void CollectionWriter::WhenSearchable(std::function<void()> done) {
  TRINE_CHECK(done != nullptr);
  const uint64_t end = written_;
  size_t waiting = 0;
  {
    const MutexLock lock(wait_mutex_);
    if (searchable_ < end) {
      waiters_.push_back({end, std::move(done)});
      waiting = waiters_.size();
    }
  }
  if (waiting == 0) return done();
  ForceRefresh(waiting < kMaxWaiters ? kForcedRefreshMs : 0);
}

std::string CollectionWriter::TaskName(Task task) const {
  return (task == kRefresh ? "refresh of \"" : "flush of \"") + name_ + "\"";
}

// Reports the result of a refresh or flush, which is tried again every second. Only a change is logged.
void CollectionWriter::ReportTask(Task task, const Status& done) {
  const std::string failure = done.ok() ? "" : done.error().ToString();
  std::string& logged = logged_failures_[task];
  if (failure == logged) return;
  const std::string name = TaskName(task);
  if (failure.empty()) {
    deps_.log.Info(name + " works again");
  } else {
    deps_.log.Error(name + " failed and is tried again: " + failure);
  }
  if (!failure.empty()) deps_.tasks->Fails(name, failure);
  if (failure.empty() || closed_) deps_.tasks->Works(name);
  logged = failure;
}

std::optional<int64_t> CollectionWriter::Tick(int64_t flush_interval_ms) {
  constexpr int64_t kNanosPerMilli = 1'000'000, kRetryNanos = 1'000'000'000;
  const catalogue::CollectionPtr collection = deps_.catalogue.Get(id_);
  if (collection == nullptr) return std::nullopt;
  const int64_t now = deps_.clock.MonotonicNanos();
  int64_t next = kNever;
  // Runs `work` if `due` has passed, otherwise lowers `next` to the time until `due`. If the run fails, sets
  // `since` to now and lowers `next` to kRetryNanos.
  const auto when = [&](int64_t due, std::atomic<int64_t>* since, Task task) {
    if (due == kNever) return;
    if (now < due) {
      next = std::min(next, due - now);
      return;
    }
    std::optional<Status> done;
    try {
      done = task == kRefresh ? Refresh() : Flush();
    } catch (const std::bad_alloc&) {
    }
    if (!done || !done->ok()) {
      *since = now;
      next = std::min(next, kRetryNanos);
    }
    ReportTask(task, done.value_or(OutOfMemory()));
  };
  if (written_ > searchable_) {
    int64_t due = forced_at_;
    const int64_t interval = collection->settings.refresh_interval_ms, since = dirty_since_;
    if (interval >= 0 && since != kNever) due = std::min(due, since + interval * kNanosPerMilli);
    when(due, &dirty_since_, kRefresh);
  }
  if (written_ > flushed_) {
    const int64_t since = unflushed_since_;
    when(since == kNever ? kNever : since + flush_interval_ms * kNanosPerMilli, &unflushed_since_, kFlush);
  }
  if (next == kNever) return std::nullopt;
  return next;
}

// Segments of format version 1 hold unsigned_long numbers as doubles, which are not exact. An index with such
// a segment is built again from the records.
Status CollectionWriter::DropRoundedNumbers() {
  const catalogue::CollectionPtr collection = deps_.catalogue.Get(id_);
  if (collection == nullptr) return Ok();
  const index::IndexReaderPtr reader = index_->reader();
  for (const auto& [path, field] : collection->mapping.Leaves()) {
    if (field->type != catalogue::FieldType::kUnsignedLong) continue;
    for (const auto& segment : reader->segments()) {
      const index::NumberColumn* column = segment->numbers(path);
      if (column != nullptr && column->is_double())
        return index_->StartEmpty("field \"" + path + "\" was stored with rounded numbers");
    }
  }
  return Ok();
}

void CollectionWriter::DiscardForeignIndex() {
  const std::optional<Error> why =
      FindForeignIndex(deps_.records, {id_, name_}, index_->end_seq_no(), index_->reader()->segments());
  if (!why) return;
  if (deps_.records.health() != nullptr) deps_.records.health()->Missing(why->ToString());
  if (const Status discarded = index_->StartEmpty(why->ToString()); !discarded.ok())
    deps_.log.Error("cannot discard the index of \"" + name_ + "\": " + discarded.error().ToString());
}

uint64_t CollectionWriter::OperationsToReplay() const {
  const SeqNo from = index_->durable_seq_no(), end = deps_.records.NextSeqNo(id_);
  return from < end ? end.value - from.value : 0;
}

void CollectionWriter::Replay(const std::function<void(double)>& progress) {
  const auto writes = deps_.records.Begin(id_);  // blocks writes during the replay
  DiscardForeignIndex();
  if (const Status dropped = DropRoundedNumbers(); !dropped.ok())
    deps_.log.Error("cannot rebuild the index of \"" + name_ + "\": " + dropped.error().ToString());
  const SeqNo from = index_->durable_seq_no(), end = deps_.records.NextSeqNo(id_);
  if (from >= end) return;
  if (progress) progress(0);
  if (const Status replayed = CatchBadAlloc([&] { return ReplayFrom(from, progress); }); !replayed.ok()) {
    // Do not report more rows as searchable than actually are; the next refresh retries.
    deps_.log.Error("replay of \"" + name_ + "\" stopped: " + replayed.error().ToString());
    lagging_from_ = from;
    lagging_ = true;
    searchable_ = flushed_ = from.value;
    dirty_since_ = unflushed_since_ = deps_.clock.MonotonicNanos();
    return;
  }
  index_->Advance(end);
  const Result<bool> refreshed = index_->Refresh();
  if (!refreshed.ok()) {
    deps_.log.Error("refresh of \"" + name_ + "\" after replay failed: " + refreshed.error().ToString());
  }
  unflushed_since_ = deps_.clock.MonotonicNanos();
  flushed_ = from.value;
}

// Requires the write lock, and a reader that contains every row below `from`.
Status CollectionWriter::ReplayFrom(SeqNo from, const std::function<void(double)>& progress) {
  constexpr size_t kChunk = 2048, kChunkBytes = 4u << 20;
  const double all = static_cast<double>(deps_.records.NextSeqNo(id_).value - from.value);
  const index::IndexReaderPtr reader = index_->reader();
  LeftOut left_out(deps_.log, deps_.metrics, name_);
  std::vector<Record> chunk;
  size_t bytes = 0;  // of the sources in `chunk`
  TRINE_TRY(deps_.records.Scan(id_, from, [&](const Record& record) -> Result<bool> {
    chunk.push_back(record);
    bytes += record.source.size();
    if (chunk.size() < kChunk && bytes < kChunkBytes) return true;
    bytes = 0;
    if (progress) progress(std::min(static_cast<double>(record.seq_no.value - from.value) / all, 1.0));
    if (const Status added = ReplayBatch(std::exchange(chunk, {}), *reader, &left_out); !added.ok())
      return added.error();
    return true;
  }));
  return ReplayBatch(std::move(chunk), *reader, &left_out);
}

// Adds the newest version of each id, and skips records that are older versions. Deletes the rows that the
// reader has for these ids, because those rows are older than the replayed range. A record that cannot be
// indexed is set aside. Returns kBusy if there is no memory.
Status CollectionWriter::ReplayBatch(std::vector<Record> records, const index::IndexReader& reader,
                                     LeftOut* left_out) {
  std::vector<PendingWrite> writes;
  for (Record& record : records) {
    const Result<std::optional<RecordVersion>> newest = deps_.records.Version(id_, record.id);
    if (newest.ok() && *newest && (*newest)->seq_no != record.seq_no) continue;
    // If the id's row is damaged, the last version in the log is the newest one: it replaces the others.
    std::optional<SeqNo> replaces;
    if (!newest.ok()) {
      const auto [at, first] = unsure_ids_.try_emplace(record.id, record.seq_no);
      if (!first) replaces = std::exchange(at->second, record.seq_no);
    }
    for (const auto& segment : reader.segments()) {
      const std::optional<Row> row = segment->Find(record.id);
      if (row && segment->seq_no(*row) < record.seq_no) {
        static_cast<void>(index_->Delete(segment->seq_no(*row)).ok());
      }
    }
    if (record.deleted) {
      if (replaces) static_cast<void>(index_->Delete(*replaces).ok());
      continue;
    }
    PendingWrite write;
    write.id = std::move(record.id);
    write.op.source = std::move(record.source);
    write.outcome.version.seq_no = record.seq_no;
    write.row_to_replace = replaces;
    write.is_stored = true;
    writes.push_back(std::move(write));
  }
  if (writes.empty()) return Ok();
  PrepareAll(&writes, deps_.pool);
  const IndexAdd add = [this](const index::IndexDocument& document, std::optional<SeqNo> replaces) {
    return index_->Add(document, replaces);
  };
  for (PendingWrite& write : writes) {
    if (!write.failed()) {
      TRINE_CHECK(write.mapped.has_value());
      left_out->Add(write.id, *write.mapped);
    }
    TRINE_TRY(IndexStored(&write, add));
  }
  return Ok();
}

// Adds a prepared document that was accepted earlier. If its content cannot be indexed, it is indexed without
// any, so that it is still found by its id and counted; if its source cannot be read, it is set aside.
// Returns an error only if there is no memory, or if the fault is not one of the document.
Status CollectionWriter::IndexStored(PendingWrite* write, const IndexAdd& add) {
  const auto report = [&](const std::string& problem) {
    const std::string what = "record \"" + write->id + "\" of \"" + name_ + "\" " + problem;
    if (deps_.records.health() != nullptr)
      deps_.records.health()->Damaged(what);
    else
      deps_.log.Error(what);
  };
  const SeqNo seq_no = write->outcome.version.seq_no;
  Status added = write->failed() ? Status(*write->error) : Ok();
  if (added.ok()) {
    if (const std::optional<Error>& incomplete = write->mapped->incomplete)
      report("is indexed without a field: " + incomplete->ToString());
    write->mapped->document.seq_no = seq_no;
    added = add(write->mapped->document, write->row_to_replace);
    if (added.ok() || !IsFaultOfDocument(added.error())) return added;
    const Status bare = add({seq_no, write->id, {}}, write->row_to_replace);
    if (!bare.ok() && !IsFaultOfDocument(bare.error())) return bare;
    if (bare.ok()) {
      report("is indexed without its fields: " + added.error().ToString());
      return Ok();
    }
  }
  if (added.error().kind() == ErrorKind::kBusy) return added;
  report("cannot be replayed and is set aside: " + added.error().ToString());
  deps_.metrics
      .GetCounter("trine_records_set_aside_total",
                  "Records that could not be indexed again at start-up, by collection.", name_)
      .Add();
  return Ok();
}

}  // namespace trine::operations
