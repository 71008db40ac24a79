// FairSharedMutex: many readers or one writer. Readers that arrive while a writer waits get the lock after
// it, so that a new event (a write) is counted soon even under a steady stream of requests (reads).
#pragma once

#include "base/mutex.h"

namespace trine::recommend {

// Works with WriterLock, ReaderLock and std::shared_lock. Not recursive: a thread that holds the mutex shared
// and locks it shared again deadlocks if a writer is waiting.
class TRINE_CAPABILITY("mutex") FairSharedMutex {
 public:
  // Thread safety analysis is switched off inside these functions: they are declared to lock this object, but
  // what they lock is its member mutex_.
  void lock() TRINE_ACQUIRE() TRINE_NO_THREAD_SAFETY_ANALYSIS {
    const MutexLock gate(gate_);
    mutex_.lock();
  }
  void unlock() TRINE_RELEASE() TRINE_NO_THREAD_SAFETY_ANALYSIS { mutex_.unlock(); }
  void lock_shared() TRINE_ACQUIRE_SHARED() TRINE_NO_THREAD_SAFETY_ANALYSIS {
    const MutexLock gate(gate_);
    mutex_.lock_shared();
  }
  void unlock_shared() TRINE_RELEASE_SHARED() TRINE_NO_THREAD_SAFETY_ANALYSIS { mutex_.unlock_shared(); }

 private:
  Mutex gate_ TRINE_ACQUIRED_BEFORE(mutex_);  // held while waiting for mutex_: later callers wait here
  SharedMutex mutex_;
};

}  // namespace trine::recommend
