// StoreWatch: the thread that watches the free space of a store and makes a store which refuses writes accept
// them again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "storage/free_space.h"
#include "storage/key_value.h"

namespace trine::server {

// Logs how many writes a store has refused: one line at once, and then at most one line per minute. Not
// thread-safe.
class RefusedWrites {
 public:
  // `now` is monotonic.
  void Check(storage::StoreHealth& health, int64_t now_nanos, Log& log);

 private:
  uint64_t count_ = 0;
  std::optional<int64_t> logged_at_;
};

// Once a second it calls SpaceGuard::Check, KeyValue::Recover while the store does not accept writes, and
// KeyValue::Reclaim while space is reserved. While the store accepts writes, it calls `while_writable`, for
// the work that waits for the store. The arguments and all that `while_writable` uses must outlive the watch.
// The destructor waits for a running call.
class StoreWatch {
 public:
  StoreWatch(storage::KeyValue& store, storage::SpaceGuard& space, const Clock& clock, Log& log,
             std::function<void()> while_writable);

 private:
  std::jthread thread_;
};

}  // namespace trine::server
