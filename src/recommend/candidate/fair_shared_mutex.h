// FairSharedMutex: many readers or one writer; a waiting writer goes before readers that come later,
// so that an event is counted soon even under a steady stream of requests.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace trine::recommend {

// Works with std::unique_lock and std::shared_lock.
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
  std::mutex gate_;  // held while waiting for the other one
  std::shared_mutex mutex_;
};

}  // namespace trine::recommend
