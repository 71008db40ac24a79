// Maintenance: the background thread that merges segments, one for all indexes of a set.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "base/mutex.h"

namespace trine::index {

class CollectionIndex;

// Owns its thread. Thread-safe. Schedule may be called while any lock of an index is held; `maintain` runs
// with no lock held.
class Maintenance {
 public:
  // The background thread calls `maintain` with each queued index in turn.
  explicit Maintenance(std::function<void(CollectionIndex&)> maintain);
  ~Maintenance();  // waits for the running call of `maintain`; indexes still in the queue are dropped
  // Queues a call of `maintain` for the index. An index that is already waiting in the queue is not queued
  // again; one that is destroyed before its turn is skipped.
  void Schedule(std::weak_ptr<CollectionIndex> index);

 private:
  void Run();

  const std::function<void(CollectionIndex&)> maintain_;
  Mutex mutex_;
  CondVar ready_;  // notified when an index is queued and when the thread must stop
  std::deque<std::weak_ptr<CollectionIndex>> queue_ TRINE_GUARDED_BY(mutex_);
  bool stopping_ TRINE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace trine::index
