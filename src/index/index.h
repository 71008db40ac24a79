// Index: buffer, writer, merger and reader of one collection; IndexSet: all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "index/document.h"
#include "index/reader.h"
#include "storage/directory.h"

namespace trine::index {

struct IndexOptions {
  size_t buffer_bytes = 64u << 20;         // a fuller buffer becomes a segment by itself
  size_t merge_factor = 10;                // adjacent segments of like size that become one
  size_t memory_segment_bytes = 4u << 20;  // segments below stay in memory until a flush or a merge
  bool background_merges = true;           // false: only Merge merges (tests, benchmarks)
  size_t verify_bytes = 64u << 20;         // files up to this size have every byte checked when opened
};

// One collection's index. Add, Delete, Refresh, Flush are serialised inside and thread-safe;
// `reader` never waits. Operations arrive in seq_no order.
class Index {
 public:
  virtual ~Index() = default;
  // Puts a document into the buffer; searchable after the next Refresh. With `replaces`, the row of the
  // record's version before is deleted in the same step: no Refresh shows both of them, or neither.
  virtual Status Add(IndexDocument document, std::optional<SeqNo> replaces = std::nullopt) = 0;
  // Marks the row with this seq_no deleted at the next Refresh, wherever it is. Fine when not there.
  virtual Status Delete(SeqNo seq_no) = 0;
  // Operations below `end` are all in (Add or Delete was called, or they need no row).
  virtual void Advance(SeqNo end) = 0;
  // Makes everything so far searchable. True when the view changed.
  virtual Result<bool> Refresh() = 0;
  // Writes what is in memory to checksummed files, syncs, and moves the manifest on.
  virtual Status Flush() = 0;
  // Merges down to `max_segments`, purging deleted rows; 0: only what the policy wants.
  virtual Status Merge(size_t max_segments) = 0;
  virtual IndexReaderPtr reader() const = 0;
  // Operations below this survive a crash without replay; replay starts here.
  virtual SeqNo durable_seq_no() const = 0;
  // The smallest seq_no a live reader may still ask records of (for purging).
  virtual bool has_old_readers() const = 0;
  struct Stats {
    uint64_t segments = 0, live_rows = 0, deleted_rows = 0, file_bytes = 0, memory_bytes = 0,
             buffered_rows = 0;
  };
  virtual Stats stats() const = 0;
};

// All indexes of a data directory, one folder per collection. Thread-safe.
class IndexSet {
 public:
  virtual ~IndexSet() = default;
  // Opens the folder of a collection, or makes it. A manifest or segment that fails its checksum is
  // moved aside, named in the log, and the index starts empty so that replay rebuilds it.
  virtual Result<std::shared_ptr<Index>> Open(CollectionId id) = 0;
  virtual std::shared_ptr<Index> Get(CollectionId id) const = 0;  // nullptr: not open
  virtual Status Drop(CollectionId id) = 0;                       // open or not; fine when there is none
  virtual Result<std::vector<CollectionId>> Stored() const = 0;   // all that have a folder
  virtual std::vector<std::pair<CollectionId, std::shared_ptr<Index>>> All() const = 0;
  virtual Status FlushAll() = 0;
  // Verifies every checksum of every file; kCorrupt lists what is broken.
  virtual Status Verify() = 0;
};

Result<std::unique_ptr<IndexSet>> OpenIndexSet(std::unique_ptr<storage::Directory> directory,
                                               const IndexOptions& options, const Clock& clock, Log& log,
                                               Metrics& metrics);

}  // namespace trine::index
