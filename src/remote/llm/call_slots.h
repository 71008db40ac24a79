// CallSlots: bounds the calls to a provider that run at the same time, and those that wait for their turn.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "base/deadline.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trine::remote::llm {

// First come, first served. Thread-safe; one lock, held for short.
class CallSlots {
 public:
  // Requires `running` above 0. The gauges count the calls that run and that wait.
  CallSlots(size_t running, size_t waiting, Gauge& running_gauge, Gauge& waiting_gauge);

  // Held during a call. The slots must outlive it.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (owner_ != nullptr) owner_->Release();
    }

   private:
    friend class CallSlots;
    explicit Slot(CallSlots* owner) : owner_(owner) {}
    CallSlots* owner_;
  };
  // Waits for a slot. kBusy at once if too many wait already, kTimeout if the deadline passes.
  Result<Slot> Acquire(const Deadline& deadline);

 private:
  struct Waiter {
    bool granted = false;
  };
  void Release();
  void ShowCounts() TRINE_REQUIRES(mutex_);

  const size_t max_running_, max_waiting_;
  Gauge &running_gauge_, &waiting_gauge_;
  Mutex mutex_;
  CondVar granted_;
  size_t running_ TRINE_GUARDED_BY(mutex_) = 0;
  std::deque<Waiter*> waiters_ TRINE_GUARDED_BY(mutex_);  // on the stacks of the waiting threads
};

}  // namespace trine::remote::llm
