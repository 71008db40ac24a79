// CollectionWriter: the writes of one collection: prepare outside the lock, stage, one durable batch,
// then the index, in seq_no order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/deadline.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/thread_pool.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "index/collection_index.h"
#include "operations/mapping/document_mapper.h"
#include "operations/write/pending_write.h"
#include "operations/write/prepare.h"
#include "storage/key_value.h"

namespace trine::operations {

// What every collection's writer works with; all outlive it.
struct WriterDependencies {
  storage::KeyValue& kv;
  catalogue::Catalogue& catalogue;
  catalogue::RecordStore& records;
  const analysis::Analyzers& analyzers;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  ThreadPool* pool;
  std::function<void()> wake;  // the refresh thread has something to look at
};

Error NoCollection(const std::string& name);

// Thread-safe.
class CollectionWriter {
 public:
  CollectionWriter(const WriterDependencies& deps, CollectionId id, std::string name,
                   std::shared_ptr<index::CollectionIndex> index);

  // Runs the writes in order; each gets its outcome or error. What succeeded is durable and in the
  // index when it returns. A collection dropped meanwhile is kCollectionNotFound.
  void Run(std::vector<PendingWrite>* writes);
  // Puts what the index's files lack into the index. Before serving.
  void Replay();
  // Stores every record again under its own version, so that item ids are filled in as the binding in
  // force says.
  Status Restage();
  // Dropped: later runs fail. Waits for the one that runs.
  void Close();

  // Makes everything acknowledged so far searchable; wakes the waiters.
  Status Refresh();
  // Refreshes, writes the index's files and forgets superseded records that nobody needs.
  Status Flush();
  // Asks for a refresh within `kForcedRefreshMs` and waits until everything acknowledged so far is
  // searchable or the deadline passes (kTimeout).
  Status WaitSearchable(const Deadline& deadline);

  // For the refresh thread: does what is due and says in how many nanoseconds to come again; nullopt:
  // nothing to do until the next write.
  std::optional<int64_t> Tick(int64_t flush_interval_ms);
  // Ends of seq_nos: acknowledged, and searchable.
  uint64_t written() const { return written_; }
  uint64_t searchable() const { return searchable_; }

  CollectionId id() const { return id_; }
  const std::string& name() const { return name_; }
  const std::shared_ptr<index::CollectionIndex>& index() const { return index_; }

 private:
  // The newest state of an id inside the batch being staged.
  struct StagedState {
    catalogue::RecordVersion version;
    const std::string* source = nullptr;
    const std::string* routing = nullptr;
  };
  struct Batch;

  Result<std::shared_ptr<const DocumentMapper>> Mapper();
  void PrepareAll(std::vector<PendingWrite>* writes);
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
  Status CatchUp();
  SeqNo EndOfOldDeletes();
  Status ReplayFrom(SeqNo from);
  void ReplayBatch(std::vector<catalogue::Record> records, const index::IndexReader& reader);

  const WriterDependencies deps_;
  const CollectionId id_;
  const std::string name_;
  const std::shared_ptr<index::CollectionIndex> index_;

  std::mutex mapper_mutex_;
  std::shared_ptr<const DocumentMapper> mapper_;

  // Changed under the record store's write lock of this collection.
  std::atomic<bool> closed_{false}, lagging_{false};
  std::optional<SeqNo> lagging_from_;  // the index refused an operation; it and later ones wait here

  std::mutex refresh_mutex_;                                       // one refresh or flush at a time
  std::atomic<uint64_t> written_{0}, searchable_{0}, flushed_{0};  // ends of seq_nos
  // Under refresh_mutex_: what was written before `watched_since_` (monotonic nanoseconds), and the end
  // of the deletes that may be forgotten.
  int64_t watched_since_ = 0;
  uint64_t watched_end_ = 0, old_deletes_ = 0;
  std::mutex wait_mutex_;
  std::condition_variable searchable_changed_;
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // Monotonic nanoseconds: when a waiter wants a refresh at the latest; the first write since the last
  // refresh, and since the last flush.
  std::atomic<int64_t> forced_at_{kNever}, dirty_since_{kNever}, unflushed_since_{kNever};
};

inline constexpr int64_t kForcedRefreshMs = 1000;
// A delete is remembered for at least as long, so that an older external version that comes late is refused.
inline constexpr int64_t kRememberDeletesMs = 60'000;

}  // namespace trine::operations
