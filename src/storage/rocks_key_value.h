// Opening a RocksDB KeyValue with another environment than the file system. For tests that make the disk
// fail.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "storage/key_value.h"

namespace rocksdb {
class Env;
}

namespace trine::storage {

// OpenKeyValue, with the environment that RocksDB uses; nullptr: the file system. The environment must
// outlive the store.
Result<std::unique_ptr<KeyValue>> OpenRocksKeyValue(const std::string& path, const KeyValueOptions& options,
                                                    rocksdb::Env* env);

}  // namespace trine::storage
