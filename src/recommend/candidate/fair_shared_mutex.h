// FairSharedMutex: many readers or one writer. A waiting writer goes before readers that come later, so
// that an event is counted soon even under a steady stream of requests.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace trine::recommend {

// For std::unique_lock and std::shared_lock. Not recursive: a thread that holds it shared and asks for it
// again deadlocks when a writer waits in between.
class FairSharedMutex {
 public:
  void lock() {
    const std::lock_guard gate(gate_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  void lock_shared() {
    const std::lock_guard gate(gate_);
    mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

 private:
  std::mutex gate_;  // held while waiting for mutex_; taken before it
  std::shared_mutex mutex_;
};

}  // namespace trine::recommend
