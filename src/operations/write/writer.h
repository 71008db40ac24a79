// Writer: stores documents and items. A write is stored as a record in a durable batch, then acknowledged,
// and becomes a searchable index row at the next refresh.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "index/index_set.h"
#include "operations/write/write_op.h"

namespace trine {
class MemoryBudget;
class TaskHealth;
}  // namespace trine

namespace trine::operations {

// An interface so that the tests of jobs can run code before a call to a Writer (InterruptedWriter).
//
// Thread-safe. Locks of the implementation, in acquisition order:
//   1. the binding lock, held during each Bind, merge and creation of a hidden collection
//   2. the lock of the table of CollectionWriters; held while an index is opened
//   3. the locks of CollectionWriter, then those of the index, the record store, the catalogue and KeyValue
// Write and PutItems hold neither of the first two locks while records are stored; Bind holds the first.
class Writer {
 public:
  virtual ~Writer() = default;
  // Applies the operations in order, collection by collection; a batch that does not fit into memory at once
  // (MemoryBudget::step) is stored in several steps. Each succeeds or fails independently, and its
  // outcome has the same index; those that succeed are durable when Write returns. As in OpenSearch, a
  // missing collection is created if its name is valid, and mappings grow by dynamic rules. Writes stay
  // stored if the refresh fails.
  virtual std::vector<WriteOutcome> Write(std::vector<WriteOp> ops, RefreshPolicy refresh) = 0;

  // Merges each item's attributes into its record in the collection that the group is bound to, and creates
  // the record if it is missing; a group without a binding gets a hidden collection. With `replace`, the
  // given attributes replace the earlier ones (see ItemView::Merge), and the item counts as imported (see
  // catalogue::Record::put_individually). Items are durable when PutItems returns. On error, other items of
  // the call may have been stored; the message contains the item id.
  virtual Status PutItems(GroupId group, std::vector<ItemWrite> items, bool replace,
                          const Deadline& deadline) = 0;

  // Makes all acknowledged writes searchable.
  // Calls `done` once, when all writes to these collections that are acknowledged now are searchable, which
  // takes about kForcedRefreshMs at most. Dropped and unknown collections count as searchable. `done` runs on
  // this thread or on the one that refreshes: it must be cheap and must not use the writer. While a refresh
  // fails it is tried again, so `done` may be called late, or never.
  virtual void WhenSearchable(const std::vector<std::string>& collections, std::function<void()> done) = 0;
  virtual Status RefreshNow(const std::vector<catalogue::CollectionPtr>& collections) = 0;
  virtual Status Flush(const std::vector<catalogue::CollectionPtr>& collections) = 0;
  // Builds the damaged index segments of all collections again; see CollectionWriter::Repair. Returns whether
  // none is left. For one thread at a time.
  virtual bool RepairIndexes(const std::function<bool()>& go_on) = 0;
  virtual Status DropCollection(const std::string& name) = 0;  // removes definition, binding, index, records
  // Catalogue::ChangeAliases, and removes the indexes and records of `drops` as DropCollection does. After an
  // error of the catalogue nothing has changed; after a later one the next start removes the rest.
  virtual Status ChangeAliases(const std::vector<catalogue::Catalogue::AliasChange>& changes,
                               const std::vector<std::string>& drops) = 0;
  // Binds a collection to a dataset group, stores the item ids of its documents, and moves the items of the
  // group's hidden collection into it. After an error, the binding may exist with only part of that work
  // done; binding again or the next start completes it, as after a crash.
  // `declared` as for Catalogue::PutBinding.
  virtual Status Bind(catalogue::Binding binding, const catalogue::RoleDeclarations* declared = nullptr) = 0;
};

struct WriterOptions {
  // Threads that prepare the documents of large batches, besides the caller. More threads help only with
  // large batches.
  size_t threads = 2;
  // The longest time that writes may be missing from the index files; after a crash, these writes are
  // replayed. Shorter intervals make smaller segments.
  int64_t flush_interval_ms = 60'000;
  // Receives the progress of NewWriter, 0..1, and what is being done; called on its thread.
  std::function<void(double done, const std::string& what)> progress;
  // Bounds the documents that are written at a time. nullptr: unbounded.
  MemoryBudget* memory = nullptr;
  // Learns which refreshes and flushes fail. nullptr: nobody asks.
  TaskHealth* tasks = nullptr;
};
// Opens the index of every collection, replays the writes since its last flush, and starts the refresh
// thread, which follows the refresh interval of each collection on the monotonic time of `clock`.
// A record that cannot be replayed is logged and left out of the index. All arguments must outlive the
// Writer.
Result<std::unique_ptr<Writer>> NewWriter(catalogue::Catalogue& catalogue, catalogue::RecordStore& records,
                                          index::IndexSet& indexes, const analysis::Analyzers& analyzers,
                                          const WriterOptions& options, const Clock& clock, Log& log,
                                          Metrics& metrics);

}  // namespace trine::operations
