// CircuitBreaker: stops calling a provider that keeps failing, and tries it again after a while with a single
// call (M. Nygard, "Release It!", chapter "Stability Patterns").
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trine::remote::llm {

// Thread-safe; its lock is not held during calls. `clock` must outlive it.
class CircuitBreaker {
 public:
  enum class State { kClosed = 0, kTrial = 1, kOpen = 2 };  // the values of the metric; never reuse a number
  enum class Outcome { kWorked, kFailed, kUnknown };        // kUnknown: says nothing about the provider

  // Opens after `failures` failures in a row, for `open_ms`. Requires both above 0.
  CircuitBreaker(int failures, int64_t open_ms, const Clock& clock);

  struct Pass {
    bool trial = false;
  };
  // kUnavailable while the breaker is open, or while its trial runs. Otherwise the call may be made, and
  // Report must be called once, with the returned pass.
  Result<Pass> Admit();
  // Returns true if the state changed to kOpen or kClosed.
  bool Report(Pass pass, Outcome outcome);
  State state() const;

 private:
  void Open() TRINE_REQUIRES(mutex_);

  const int failures_;
  const int64_t open_ms_;
  const Clock& clock_;
  mutable Mutex mutex_;
  State state_ TRINE_GUARDED_BY(mutex_) = State::kClosed;
  int in_a_row_ TRINE_GUARDED_BY(mutex_) = 0;
  int64_t trial_at_nanos_ TRINE_GUARDED_BY(mutex_) = 0;  // with kOpen: when the trial may begin
};

}  // namespace trine::remote::llm
