// IndexSet: the indexes of all collections of a data directory.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "index/collection_index.h"
#include "index/index_options.h"
#include "index/maintenance.h"
#include "storage/directory.h"

namespace trine::index {

// One folder per collection ("c12" for collection 12) and one maintenance thread for all of them. Clock, log
// and metrics must outlive the set; an index may outlive it, but writes no file from then on. Thread-safe. No
// method may be called while a lock of an index is held.
class IndexSet {
 public:
  IndexSet(std::unique_ptr<storage::Directory> directory, const IndexOptions& options, const Clock& clock,
           Log& log, Metrics& metrics);
  ~IndexSet();  // stops every index

  // Returns the open index of a collection; if there is none, opens or creates its folder. A manifest or
  // segment that cannot be used is not an error: see CollectionIndex::Open. kIo if the folder cannot be read.
  Result<std::shared_ptr<CollectionIndex>> Open(CollectionId id);
  // The open index, or nullptr.
  std::shared_ptr<CollectionIndex> Get(CollectionId id) const;
  // Stops the index if it is open and removes its folder. A folder that does not exist is not an error.
  Status Drop(CollectionId id);
  // The collections that have a folder, open or not.
  Result<std::vector<CollectionId>> Stored() const;
  // The open indexes.
  std::vector<std::pair<CollectionId, std::shared_ptr<CollectionIndex>>> All() const;
  // Flushes every open index, even after a failure; returns the first failure.
  Status FlushAll();
  // Verifies every checksum of every stored file. The error lists each file that cannot be used: kCorrupt if
  // at least one is damaged, kFormatVersion if all of them have an unsupported format version.
  Status Verify();

 private:
  const std::unique_ptr<storage::Directory> directory_;
  const IndexOptions options_;
  const Clock& clock_;
  Log& log_;
  Metrics& metrics_;
  std::shared_ptr<Maintenance> maintenance_;  // nullptr: no background merges
  mutable Mutex mutex_;                       // held while an index is opened
  std::map<CollectionId, std::shared_ptr<CollectionIndex>> indexes_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::index
