// Maintenance: the background thread that merges segments, one for all indexes of a set.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace trine::index {

class CollectionIndex;

// Owns its thread. Thread-safe. Schedule may be called with any lock of an index held; the function that
// maintains an index runs with no lock held.
class Maintenance {
 public:
  // `maintain` is called with each index whose turn has come, by the background thread.
  explicit Maintenance(std::function<void(CollectionIndex&)> maintain);
  ~Maintenance();  // waits for the running call of `maintain`; indexes still in the queue are dropped
  // Queues a call of `maintain` for the index. An index that is already waiting in the queue is not queued
  // again; one that is destroyed before its turn is skipped.
  void Schedule(std::weak_ptr<CollectionIndex> index);

 private:
  void Run();

  const std::function<void(CollectionIndex&)> maintain_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable ready_;
  std::deque<std::weak_ptr<CollectionIndex>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace trine::index
