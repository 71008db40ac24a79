// Table files that a store cannot open at all, and opening the store without them. Only for the RocksDB
// implementation of KeyValue.
#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace trine::storage {

// A table file that the manifest lists and that is missing, has another size or cannot be opened. A file with
// damaged blocks is not one: cursors skip such blocks.
struct LostTable {
  uint32_t family_id = 0;  // RocksDB's number of the column family
  std::string family;      // its name
  int level = 0;
  uint64_t number = 0;
  std::string name;         // "000012.sst"
  std::string first, last;  // the range of its keys, both included
  uint64_t bytes = 0;       // what the manifest states
  std::string why;          // "is missing"
};

// Returns an environment over `files` that shows each manifest as if it ended with the removal of `tables`.
// No file changes. Table files that are not regular ones do not exist in it, so that opening a pipe never
// waits.
std::unique_ptr<rocksdb::Env> NewEnvWithoutTables(std::shared_ptr<rocksdb::FileSystem> files,
                                                  std::vector<LostTable> tables);

// Returns why the file of a table cannot be used, or an empty string if it can. An error if the disk cannot
// be read, because then nothing is known about the file.
Result<std::string> WhyTableIsLost(const std::string& file, uint64_t bytes, rocksdb::Env* env);

// Returns `manifest`, which is in RocksDB's log format, up to its last complete record, followed by one
// record per table that removes it.
std::string ManifestWithout(std::string_view manifest, const std::vector<LostTable>& tables);

}  // namespace trine::storage
