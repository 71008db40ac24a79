#include "remote/llm/call_slots.h"

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <string>

#include "base/check.h"

namespace trine::remote::llm {
namespace {

constexpr int64_t kMaxWaitMillis = 1000;  // a deadline may follow a clock that moves in jumps

}  // namespace

CallSlots::CallSlots(size_t running, size_t waiting, Gauge& running_gauge, Gauge& waiting_gauge)
    : max_running_(running),
      max_waiting_(waiting),
      running_gauge_(running_gauge),
      waiting_gauge_(waiting_gauge) {
  TRINE_CHECK_GT(running, 0u);
}

Result<CallSlots::Slot> CallSlots::Acquire(const Deadline& deadline) {
  Waiter self;
  // Declared before the lock: its destructor waits for a callback that runs, which needs the lock.
  const std::stop_callback wake(deadline.stop(), [this] {
    const MutexLock lock(mutex_);
    granted_.NotifyAll();
  });
  const MutexLock lock(mutex_);
  if (running_ < max_running_) {
    TRINE_DCHECK(waiters_.empty());
    ++running_;
    ShowCounts();
    return Slot(this);
  }
  if (waiters_.size() >= max_waiting_) {
    return Error(ErrorCode::kBusy, "too many calls wait for the language model provider")
        .Expected("at most " + std::to_string(max_waiting_));
  }
  waiters_.push_back(&self);
  ShowCounts();
  while (!self.granted && !deadline.Passed()) {
    const int64_t most = std::clamp<int64_t>(deadline.MillisLeft(), 1, kMaxWaitMillis);
    granted_.WaitFor(mutex_, std::chrono::milliseconds(most));
  }
  if (self.granted) return Slot(this);  // Release handed its slot over
  std::erase(waiters_, &self);
  ShowCounts();
  return Error(ErrorCode::kTimeout, "the call waited for the language model provider past its deadline");
}

void CallSlots::Release() {
  const MutexLock lock(mutex_);
  TRINE_CHECK_GT(running_, 0u);
  if (waiters_.empty()) {
    --running_;
  } else {
    waiters_.front()->granted = true;
    waiters_.pop_front();
    granted_.NotifyAll();
  }
  ShowCounts();
}

void CallSlots::ShowCounts() {
  TRINE_DCHECK_LE(running_, max_running_);
  running_gauge_.Set(static_cast<double>(running_));
  waiting_gauge_.Set(static_cast<double>(waiters_.size()));
}

}  // namespace trine::remote::llm
