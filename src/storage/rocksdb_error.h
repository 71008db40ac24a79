// Converts RocksDB errors to Error. Only for the RocksDB implementation of KeyValue and its tests.
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "base/result.h"

namespace trine::storage {

// Classifies a failed status by its code and subcode; RocksDB's text only goes into the message. `where` is
// the store's folder, with the file if it is known. Requires !status.ok(). The caller handles the expected
// cases itself (no such key, no store in the folder, an unknown column family, a held lock).
Error StoreError(const rocksdb::Status& status, std::string where);

}  // namespace trine::storage
