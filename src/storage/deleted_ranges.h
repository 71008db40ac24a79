// DeletedRanges: the ranges of keys from which many rows were deleted, and whose space a store on disk gets
// back only by rewriting its files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "storage/key_value.h"

namespace trine::storage {

struct DeletedRange {
  Family family = Family::kMeta;
  std::string first, last;  // keys; `last` may be the key after the last deleted one
  uint64_t deletes = 0;
  // Every row was deleted at once, so a rewrite stores next to nothing. Otherwise live rows lie between.
  bool whole = false;
};

// Collects the deletions of a store by the owner of their rows: the first four bytes of a key are the number
// of a collection or of a dataset group. Thread-safe.
class DeletedRanges {
 public:
  // Single deletions are worth a rewrite from this number on.
  static constexpr uint64_t kManyDeletes = 1000;
  // The number of owners and families that are remembered. The deletions of further ones are left to the
  // store's own compaction.
  static constexpr size_t kMaxRanges = 1000;

  void Note(const WriteBatch& batch) TRINE_EXCLUDES(mutex_);
  // Returns the ranges that are worth a rewrite, and forgets them.
  std::vector<DeletedRange> Take() TRINE_EXCLUDES(mutex_);
  // Remembers a range again that could not be rewritten.
  void PutBack(DeletedRange range) TRINE_EXCLUDES(mutex_);

 private:
  void Add(DeletedRange range) TRINE_REQUIRES(mutex_);

  Mutex mutex_;
  std::map<std::pair<Family, std::string>, DeletedRange> ranges_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::storage
