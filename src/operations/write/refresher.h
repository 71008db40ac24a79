// Refresher: the thread that refreshes and flushes collections when they are due.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "operations/write/collection_writer.h"

namespace trine::operations {

// Owned by Writer. Owns its thread, which the destructor stops and joins. Thread-safe. `mutex_` is a leaf:
// the thread does not hold it while it refreshes, so Wake may be called under any lock.
class Refresher {
 public:
  using Writers = std::function<std::vector<std::shared_ptr<CollectionWriter>>()>;
  // `writers` returns the CollectionWriters to refresh and flush; it is called on the Refresher's thread.
  Refresher(Writers writers, int64_t flush_interval_ms)
      : writers_(std::move(writers)), flush_interval_ms_(flush_interval_ms) {}
  void Start();
  void Stop();
  // Makes the thread look for due work now. Called after a write, and when a write waits for a refresh.
  void Wake();

 private:
  void Run(const std::stop_token& stop);
  const Writers writers_;
  const int64_t flush_interval_ms_;
  Mutex mutex_;
  std::condition_variable_any changed_;  // not a CondVar, which cannot end a wait at a stop request
  bool woken_ TRINE_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace trine::operations
