// StoreMemory: what a store holds in memory, for the metrics.
#pragma once

#include <cstdint>

namespace trine::storage {

// Bytes. Plain data.
struct StoreMemory {
  uint64_t memtables = 0;      // writes that are not in files yet
  uint64_t block_cache = 0;    // blocks of files that were read
  uint64_t table_readers = 0;  // indexes and filters of open files, outside the block cache
  uint64_t merge_backlog = 0;  // of files that are to be merged with others
};

}  // namespace trine::storage
