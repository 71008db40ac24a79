// StoreWatch: the thread that makes a store which refuses writes accept them again.
#pragma once

#include <thread>

#include "storage/key_value.h"

namespace trine::server {

// Calls KeyValue::Recover once a second while the store does not accept writes. The store must outlive it.
// The destructor waits for a running call.
class StoreWatch {
 public:
  explicit StoreWatch(storage::KeyValue& store);

 private:
  std::jthread thread_;
};

}  // namespace trine::server
