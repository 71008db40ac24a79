// CollectionWriter: performs all writes to one collection. A batch is prepared outside any lock, staged and
// stored in one durable write, and then put into the index in seq_no order.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/deadline.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/thread_pool.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "index/collection_index.h"
#include "operations/mapping/document_mapper.h"
#include "operations/write/pending_write.h"
#include "operations/write/prepare.h"

namespace trine {
class MemoryBudget;
class TaskHealth;
}  // namespace trine

namespace trine::operations {

class LeftOut;

// The services and stores of every CollectionWriter. All of them must outlive the writer.
struct WriterDependencies {
  catalogue::Catalogue& catalogue;
  catalogue::RecordStore& records;
  const analysis::Analyzers& analyzers;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  ThreadPool* pool;
  MemoryBudget* memory;        // nullptr: unbounded
  TaskHealth* tasks;           // refreshes and flushes that fail
  std::function<void()> wake;  // makes the refresh thread call Tick; must not block
};

// Owned by Writer and shared with the threads that use it, so it may outlive its removal from Writer (Close).
//
// Thread-safe. Locks, in acquisition order:
//   1. refresh_mutex_                  one refresh or flush at a time
//   2. the record store's write lock   of this collection; from staging until the index has the batch
//   3. mapper_mutex_ or wait_mutex_    leaves, apart from calls to DocumentMapper::Compile and `wake`
// Under the write lock, Catalogue::AddFields may be called, because a write whose record has changed is
// prepared again and may add fields; the locks of the index and of KeyValue may be taken too. Write never
// takes refresh_mutex_, so a refresh does not hold up writers except for the moment of Index::Refresh itself.
class CollectionWriter {
 public:
  CollectionWriter(const WriterDependencies& deps, CollectionId id, std::string name,
                   std::shared_ptr<index::CollectionIndex> index);

  // Applies the writes in order, and sets the outcome or the error of each. Those that succeed are durable
  // and in the index buffer when Write returns. If the durable write fails, none of the batch is stored.
  // After Close, every write fails as if the collection did not exist.
  void Write(std::vector<PendingWrite>* writes);
  // Discards the index if it does not belong to the stored records, and reports that acknowledged writes are
  // missing. Then adds the stored operations that the index files lack to the index. Called once, before the
  // first write. A record that cannot be replayed is logged and left out of the index, but stays stored.
  // `progress` receives the share that is done.
  void Replay(const std::function<void(double)>& progress);
  // The number of stored operations that the index files lack. Meaningful before Replay.
  uint64_t OperationsToReplay() const;
  // Stores every live record again with the same version, to derive its item id from the current binding.
  Status Restage();
  // Makes later writes fail, waits for the batch that is being stored, and calls all functions that were
  // given to WhenSearchable.
  void Close();

  // Makes all acknowledged writes searchable.
  Status Refresh();
  // Refreshes, writes the index files, and purges superseded records that no reader can request.
  Status Flush();
  // Requests a refresh within `kForcedRefreshMs`, and calls `done` once when all writes acknowledged so far
  // are searchable: on this thread or on the one that refreshes. `done` must be cheap and must not use the
  // writer.
  void WhenSearchable(std::function<void()> done);

  // Builds the damaged segments of the index again from the records, one after another, while writes and
  // searches go on; only its last step blocks writes. Returns Ok if none is left, or after Close. Otherwise
  // what hinders it, which is also reported to the tasks, or kStopped once `go_on` returned false; the
  // documents of the segment are then left out of searches until a later call succeeds. One call at a time.
  Status Repair(const std::function<bool()>& go_on);

  // Called by the refresh thread: does the work that is due. Returns the nanoseconds until the next work is
  // due; nullopt if nothing will be due before the next write.
  std::optional<int64_t> Tick(int64_t flush_interval_ms);
  // One past the last acknowledged seq_no, and one past the last searchable one.
  uint64_t written() const { return written_; }
  uint64_t searchable() const { return searchable_; }

  CollectionId id() const { return id_; }
  const std::string& name() const { return name_; }
  const std::shared_ptr<index::CollectionIndex>& index() const { return index_; }

 private:
  // The newest state of an id in the batch that is being staged.
  struct StagedState {
    catalogue::RecordVersion version;
    const std::string* source = nullptr;
    const std::string* routing = nullptr;
  };
  struct Batch;

  Result<std::shared_ptr<const DocumentMapper>> Mapper();
  void PrepareAll(std::vector<PendingWrite>* writes, ThreadPool* pool);
  void Grow(PendingWrite* write);
  void StageAll(std::vector<PendingWrite>* writes);
  Status Stage(Batch* batch, PendingWrite* write);
  Status StagePrepared(Batch* batch, PendingWrite* write,
                       const std::optional<catalogue::RecordVersion>& before);
  Status Reprepare(Batch* batch, PendingWrite* write);
  Result<std::optional<catalogue::RecordVersion>> NewestVersion(const Batch& batch,
                                                                std::string_view id) const;
  Result<std::optional<catalogue::Record>> NewestRecord(const Batch& batch, std::string_view id) const;
  void Store(Batch* batch, std::vector<PendingWrite>* writes);
  void PutIntoIndex(Batch* batch);
  Status DropRoundedNumbers();
  Status RefreshLocked();
  void ForceRefresh(int64_t millis);
  void CallWaiters();
  Status CatchUp() TRINE_REQUIRES(refresh_mutex_);
  SeqNo EndOfOldDeletes() TRINE_REQUIRES(refresh_mutex_);
  void DiscardForeignIndex();
  Status ReplayFrom(SeqNo from, const std::function<void(double)>& progress = {});
  Status ReplayBatch(std::vector<catalogue::Record> records, const index::IndexReader& reader,
                     LeftOut* left_out);
  // Adds a document to an index, and deletes the row of its former version, if any.
  using IndexAdd = std::function<Status(const index::IndexDocument&, std::optional<SeqNo>)>;
  Status IndexStored(PendingWrite* write, const IndexAdd& add);
  struct RepairRun;
  Status RepairSegment(const std::function<bool()>& go_on);
  Status RepairChunk(RepairRun* run);
  std::string RepairName() const { return "rebuild of a damaged file of the index of \"" + name_ + "\""; }
  enum Task { kRefresh = 0, kFlush = 1 };
  std::string TaskName(Task task) const;
  void ReportTask(Task task, const Status& done);

  const WriterDependencies deps_;
  const CollectionId id_;
  const std::string name_;
  const std::shared_ptr<index::CollectionIndex> index_;

  Mutex mapper_mutex_;
  std::shared_ptr<const DocumentMapper> mapper_ TRINE_GUARDED_BY(mapper_mutex_);

  // Changed under the write lock only.
  std::atomic<bool> closed_{false}, lagging_{false};
  // The first operation that the index rejected, or nullopt. It and all later operations are replayed from
  // the store at the next refresh. Guarded by the write lock. `lagging_` is true while this has a value, and
  // can be read without the lock.
  std::optional<SeqNo> lagging_from_;
  uint64_t catch_ups_ = 0;  // how often such operations were replayed; guarded by the write lock

  Mutex refresh_mutex_ TRINE_ACQUIRED_BEFORE(mapper_mutex_, wait_mutex_);
  // One past the last acknowledged seq_no, the last searchable one, and the last one in the index files.
  std::atomic<uint64_t> written_{0}, searchable_{0}, flushed_{0};
  // Deletes with a seq_no below `old_deletes_` are at least kRememberDeletesMs old and may be forgotten.
  // `watched_end_` is the value that written_ had at the time `watched_since_` (monotonic nanoseconds). It
  // becomes the next `old_deletes_` when kRememberDeletesMs have passed since that time.
  int64_t watched_since_ TRINE_GUARDED_BY(refresh_mutex_) = 0;
  uint64_t watched_end_ TRINE_GUARDED_BY(refresh_mutex_) = 0;
  uint64_t old_deletes_ TRINE_GUARDED_BY(refresh_mutex_) = 0;
  std::array<std::string, 2> logged_failures_;  // by Task; only the refresh thread uses it
  std::map<std::string, SeqNo> unsure_ids_;  // replayed ids whose row is damaged; guarded by the write lock
  // The functions that wait until the writes below a seq_no are searchable.
  struct Waiter {
    uint64_t end = 0;
    std::function<void()> done;
  };
  Mutex wait_mutex_;
  std::list<Waiter> waiters_ TRINE_GUARDED_BY(wait_mutex_);
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // Times in monotonic nanoseconds. At `forced_at_`, a refresh is due because a function given to
  // WhenSearchable waits for it. `dirty_since_` is the time of the first write since the last refresh, and
  // `unflushed_since_` is the time of the first write since the last flush.
  std::atomic<int64_t> forced_at_{kNever}, dirty_since_{kNever}, unflushed_since_{kNever};
};

// The longest time that a write waits for a refresh to begin: the default refresh interval.
inline constexpr int64_t kForcedRefreshMs = 1000;
// At this many waiting writes, an index is refreshed at once, as by max_refresh_listeners of OpenSearch.
inline constexpr size_t kMaxWaiters = 1000;
// The minimum time for which a delete is remembered, so that a late write with an older external version is
// rejected.
inline constexpr int64_t kRememberDeletesMs = 60'000;

}  // namespace trine::operations
