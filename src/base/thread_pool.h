// ThreadPool: a fixed number of threads behind a bounded queue; full means "busy", never waiting.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace trine {

// Owns its threads. The destructor runs what is queued, then joins. Thread-safe.
class ThreadPool {
 public:
  // `threads` >= 1; `queue_limit` counts waiting tasks (running ones are not in it).
  ThreadPool(std::string name, size_t threads, size_t queue_limit);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // kBusy when the queue is full or the pool is stopping; the task is then not run.
  // A task must not throw.
  Status Submit(std::function<void()> task);
  // No new tasks; runs what is queued; joins. Idempotent.
  void Stop();
  size_t waiting() const;

 private:
  void RunWorker();

  const std::string name_;
  const size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace trine
