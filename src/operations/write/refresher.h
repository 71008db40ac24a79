// Refresher: the thread that refreshes and flushes collections when their time comes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "operations/write/collection_writer.h"

namespace trine::operations {

// Owns its thread; the destructor stops it. Thread-safe.
class Refresher {
 public:
  using Writers = std::function<std::vector<std::shared_ptr<CollectionWriter>>()>;
  // `writers` gives those to look after and outlives this.
  Refresher(Writers writers, int64_t flush_interval_ms)
      : writers_(std::move(writers)), flush_interval_ms_(flush_interval_ms) {}
  void Start();
  void Stop();
  // Something was written or somebody waits: look again.
  void Wake();

 private:
  void Run(const std::stop_token& stop);
  const Writers writers_;
  const int64_t flush_interval_ms_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace trine::operations
