// Converts errors of RocksDB to Error. Included by the RocksDB implementation of KeyValue and by its tests
// only.
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "base/result.h"

namespace trine::storage {

// Classifies a failed status by its code and subcode; the text of RocksDB only goes into the message. `where`
// is the folder of the store, with the file if it is known. Requires !status.ok(). Statuses that have an
// ordinary meaning (no such key, no store in the folder, an unknown column family, a held lock) are decided
// before RocksDB is called and are not distinguished here.
Error StoreError(const rocksdb::Status& status, std::string where);

}  // namespace trine::storage
