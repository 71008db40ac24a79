// Writer: the way of a write. A document or an item becomes a record, a batch, an acknowledged write
// and rows of an index, in that order. Both views of a record come through here.
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
#include "storage/key_value.h"

namespace trine::operations {

// Thread-safe.
class Writer {
 public:
  virtual ~Writer() = default;
  // Runs the operations in order; each succeeds or fails alone; all that succeeded are durable (one group
  // commit a collection) when it returns. A missing collection is made, as the original does, unless
  // the name is invalid. Mappings grow by dynamic rules.
  virtual std::vector<WriteOutcome> Write(std::vector<WriteOp> ops, RefreshPolicy refresh,
                                          const Deadline& deadline) = 0;

  // Items of a dataset group: `attributes` are merged into the record that the group's binding leads to
  // (made when missing; a hidden collection is bound when the group has none). `replace`: the given
  // attributes are all there is, and they come from an import: the record is not marked as put one by one.
  // Durable when it returns.
  virtual Status PutItems(GroupId group, std::vector<ItemWrite> items, bool replace,
                          const Deadline& deadline) = 0;

  // Makes everything acknowledged so far searchable. Names as Catalogue::Resolve gave them.
  virtual Status RefreshNow(const std::vector<catalogue::CollectionPtr>& collections) = 0;
  virtual Status Flush(const std::vector<catalogue::CollectionPtr>& collections) = 0;
  virtual Status DropCollection(const std::string& name) = 0;  // definition, binding, index, records
  // Binds and fills the item ids of what is there already.
  virtual Status Bind(catalogue::Binding binding) = 0;
};

// Opens the indexes of every collection, replays what their files lack (bounded by the last flush), and
// starts the refresh thread (each collection's interval, on `clock`'s monotonic time). A record that cannot
// be replayed is set aside and named in the log. All arguments outlive it.
struct WriterOptions {
  size_t threads = 2;  // for analysing large bulks
  int64_t flush_interval_ms = 60'000;
};
Result<std::unique_ptr<Writer>> NewWriter(storage::KeyValue& kv, catalogue::Catalogue& catalogue,
                                          catalogue::RecordStore& records, index::IndexSet& indexes,
                                          const analysis::Analyzers& analyzers, const WriterOptions& options,
                                          const Clock& clock, Log& log, Metrics& metrics);

}  // namespace trine::operations
