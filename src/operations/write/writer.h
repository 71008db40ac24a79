// Writer: stores documents and items. Each becomes a record and an index row, in this order: one durable
// batch per collection, the acknowledgement, and at the next refresh the searchable row.
#pragma once

#include <cstdint>
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

namespace trine::operations {

// An interface because the tests of jobs wrap a Writer to act between two of its calls (InterruptedWriter).
//
// Thread-safe. Locks of the implementation, in the order in which they may be taken while another one is
// held:
//   1. the lock of bindings: one Bind, hidden collection or merge at a time; held while records are rewritten
//   2. the lock of the table of CollectionWriters; held while an index is opened
//   3. the locks of CollectionWriter, then those of the index, the record store, the catalogue and KeyValue
// Write and PutItems hold neither lock of the Writer while records are stored; Bind holds the first.
class Writer {
 public:
  virtual ~Writer() = default;
  // Applies the operations in order, one batch per collection. Each succeeds or fails alone, with its outcome
  // at the same index; those that succeeded are durable when it returns. A missing collection is created when
  // its name is valid, as OpenSearch does, and mappings grow by dynamic rules. `refresh` and the deadline
  // only decide when it returns: writes stand when the refresh fails or the deadline passes.
  virtual std::vector<WriteOutcome> Write(std::vector<WriteOp> ops, RefreshPolicy refresh,
                                          const Deadline& deadline) = 0;

  // Merges each item's attributes into the record that the group's binding leads to, which is created when
  // missing; a group without a binding gets a hidden collection. With `replace` the given attributes are all
  // the item has, and the item counts as imported (see catalogue::Record::put_individually). Durable when it
  // returns. On error other items of the call may be stored; the message names the item.
  virtual Status PutItems(GroupId group, std::vector<ItemWrite> items, bool replace,
                          const Deadline& deadline) = 0;

  // Makes everything acknowledged so far searchable.
  virtual Status RefreshNow(const std::vector<catalogue::CollectionPtr>& collections) = 0;
  virtual Status Flush(const std::vector<catalogue::CollectionPtr>& collections) = 0;
  virtual Status DropCollection(const std::string& name) = 0;  // definition, binding, index, records
  // Binds a collection to a dataset group, stores the item ids of its documents, and moves the items of the
  // group's hidden collection into it. On error the binding may stand with a part of that work done; binding
  // again or the next start completes it, as after a crash.
  virtual Status Bind(catalogue::Binding binding) = 0;
};

struct WriterOptions {
  // Threads that prepare the documents of large batches, besides the caller. More threads help only with
  // large batches.
  size_t threads = 2;
  // The longest time that writes may stay out of the index files; a crash replays as much. Shorter makes
  // smaller segments.
  int64_t flush_interval_ms = 60'000;
};
// Opens the index of every collection, replays what its files lack (bounded by the last flush), and starts
// the refresh thread, which follows the refresh interval of each collection on the monotonic time of `clock`.
// A record that cannot be replayed is named in the log and left out of the index. All arguments outlive the
// Writer.
Result<std::unique_ptr<Writer>> NewWriter(catalogue::Catalogue& catalogue, catalogue::RecordStore& records,
                                          index::IndexSet& indexes, const analysis::Analyzers& analyzers,
                                          const WriterOptions& options, const Clock& clock, Log& log,
                                          Metrics& metrics);

}  // namespace trine::operations
