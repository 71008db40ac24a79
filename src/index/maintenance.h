// Maintenance: the background thread that merges segments, one for all indexes of a set.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace trine::index {

class CollectionIndex;

// Owns its thread. Thread-safe. Schedule may be called with any lock of an index held; Maintain runs with no
// lock held.
class Maintenance {
 public:
  Maintenance();
  ~Maintenance();  // waits for the running Maintain; indexes still in the queue are dropped
  // Queues a call of index->Maintain(). An index that is already waiting in the queue is not queued again;
  // one that is destroyed before its turn is skipped.
  void Schedule(std::weak_ptr<CollectionIndex> index);

 private:
  void Run();
  std::mutex mutex_;  // guards the members below
  std::condition_variable ready_;
  std::deque<std::weak_ptr<CollectionIndex>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace trine::index
