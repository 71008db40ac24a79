// StoreWatch: the thread that watches the free space of a store and makes a store which refuses writes accept
// them again.
#pragma once

#include <functional>
#include <thread>

#include "storage/free_space.h"
#include "storage/key_value.h"

namespace trine::server {

// Once a second it calls SpaceGuard::Check, and KeyValue::Recover while the store does not accept writes.
// While it does, it calls `while_writable`, for the work that waits for the store. The store, the guard and
// all that `while_writable` uses must outlive the watch. The destructor waits for a running call.
class StoreWatch {
 public:
  StoreWatch(storage::KeyValue& store, storage::SpaceGuard& space, std::function<void()> while_writable);

 private:
  std::jthread thread_;
};

}  // namespace trine::server
