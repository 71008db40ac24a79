// ThreadPool: threads with a bounded queue. A full queue rejects tasks instead of blocking. The number of
// threads is fixed, or grows while all of them are busy.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/result.h"

namespace trine {

// For tasks that mostly wait: threads that are started when a task arrives and all threads are busy.
struct ThreadPoolGrowth {
  size_t max_threads = 0;  // at most this many threads in total; fewer than the fixed ones: no growth
  std::chrono::milliseconds idle{
      10'000};  // a thread above the fixed number ends after this time without work
};

// Owns its threads. The destructor runs the queued tasks, then joins. Thread-safe; takes no other lock while
// it holds its own.
class ThreadPool {
 public:
  // Requires threads >= 1. `queue_limit` bounds the waiting tasks; running tasks do not count. `name` appears
  // in errors; its first 15 bytes are the name of the threads.
  ThreadPool(std::string name, size_t threads, size_t queue_limit, ThreadPoolGrowth growth = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Returns kBusy and never runs the task if the queue is full or the pool is stopping. Tasks must not throw.
  Status Submit(std::function<void()> task);
  // Rejects new tasks, runs the queued ones and joins the threads. May be called again, but not from two
  // threads at once and not from a task.
  void Stop();
  size_t waiting() const;
  size_t threads() const;  // that run now, busy or not

 private:
  using Threads = std::list<std::thread>;

  void RunWorker(Threads::iterator self, bool is_extra);
  // Starts a thread if the waiting tasks need one more. If the system refuses, the tasks wait for the others.
  void GrowIfBusy() TRINE_REQUIRES(mutex_);
  void StartThread(bool is_extra) TRINE_REQUIRES(mutex_);

  const std::string name_;
  const size_t queue_limit_;
  const ThreadPoolGrowth growth_;
  mutable Mutex mutex_;
  CondVar ready_;  // notified when a task arrives and when the pool stops
  std::deque<std::function<void()>> queue_ TRINE_GUARDED_BY(mutex_);
  bool stopping_ TRINE_GUARDED_BY(mutex_) = false;
  size_t idle_ TRINE_GUARDED_BY(mutex_) = 0;  // threads that wait for a task
  Threads threads_ TRINE_GUARDED_BY(mutex_);
  Threads ended_ TRINE_GUARDED_BY(mutex_);  // to be joined
};

}  // namespace trine
