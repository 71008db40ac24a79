// StoreWatch: the thread that watches the free space of a store and makes a store which refuses writes accept
// them again.
#pragma once

#include <thread>

#include "storage/free_space.h"
#include "storage/key_value.h"

namespace trine::server {

// Once a second it calls SpaceGuard::Check, and KeyValue::Recover while the store does not accept writes. The
// store and the guard must outlive it. The destructor waits for a running call.
class StoreWatch {
 public:
  StoreWatch(storage::KeyValue& store, storage::SpaceGuard& space);

 private:
  std::jthread thread_;
};

}  // namespace trine::server
