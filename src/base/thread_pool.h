// ThreadPool: a fixed number of threads with a bounded queue. A full queue rejects tasks instead of blocking.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace trine {

// Owns its threads. The destructor runs the queued tasks, then joins. Thread-safe; takes no other lock while
// it holds its own.
class ThreadPool {
 public:
  // Requires threads >= 1. `queue_limit` bounds the waiting tasks; running tasks do not count. `name` appears
  // in errors; its first 15 bytes are the name of the threads.
  ThreadPool(std::string name, size_t threads, size_t queue_limit);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Returns kBusy and never runs the task if the queue is full or the pool is stopping. Tasks must not throw.
  Status Submit(std::function<void()> task);
  // Rejects new tasks, runs the queued ones and joins the threads. May be called again, but not from two
  // threads at once and not from a task.
  void Stop();
  size_t waiting() const;

 private:
  void RunWorker();

  const std::string name_;
  const size_t queue_limit_;
  mutable Mutex mutex_;
  CondVar ready_;  // notified when a task arrives and when the pool stops
  std::deque<std::function<void()>> queue_ TRINE_GUARDED_BY(mutex_);
  bool stopping_ TRINE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace trine
