// RecordCache: a bounded cache of the parsed records that filters read.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::recommend {

// Owned by the recommender. Entries are keyed by (collection, seq_no): a record version never changes, so
// entries are never stale. Thread-safe; the lock guards the map and is not held while a record is read and
// parsed.
class RecordCache {
 public:
  explicit RecordCache(const catalogue::RecordStore& records) : records_(records) {}
  // Returns nullptr if the record was deleted, cannot be read or is not JSON.
  std::shared_ptr<const format::Json> Get(CollectionId collection, uint64_t seq_no);

  static constexpr size_t kMaxSourceBytes =
      48u << 20;  // bytes of record text; parsed records take two to three times as much

 private:
  struct Entry {
    std::shared_ptr<const format::Json> json;
    size_t bytes = 0;
  };
  using Key = std::pair<uint32_t, uint64_t>;
  struct KeyHash {
    size_t operator()(const Key& k) const { return k.second * 0x9e3779b97f4a7c15ULL + k.first; }
  };
  const catalogue::RecordStore& records_;
  Mutex mutex_;
  std::unordered_map<Key, Entry, KeyHash> entries_ TRINE_GUARDED_BY(mutex_);
  size_t bytes_ TRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trine::recommend
