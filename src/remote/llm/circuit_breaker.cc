#include "remote/llm/circuit_breaker.h"

#include <algorithm>
#include <string>

#include "base/check.h"

namespace trine::remote::llm {

CircuitBreaker::CircuitBreaker(int failures, int64_t open_ms, const Clock& clock)
    : failures_(failures), open_ms_(open_ms), clock_(clock) {
  TRINE_CHECK_GT(failures, 0);
  TRINE_CHECK_GT(open_ms, 0);
}

Result<CircuitBreaker::Pass> CircuitBreaker::Admit() {
  const MutexLock lock(mutex_);
  if (state_ == State::kClosed) return Pass{};
  const int64_t nanos_left = trial_at_nanos_ - clock_.MonotonicNanos();
  if (state_ == State::kOpen && nanos_left <= 0) {
    state_ = State::kTrial;
    return Pass{.trial = true};
  }
  const int64_t seconds = state_ == State::kTrial ? 0 : (nanos_left + 999'999'999) / 1'000'000'000;
  return Error(ErrorCode::kUnavailable,
               "the language model provider is not called because it failed " + std::to_string(failures_) +
                   " times in a row; " +
                   (state_ == State::kTrial ? std::string("a single call tries it now")
                                            : "the next try is in " + std::to_string(seconds) + " s"));
}

void CircuitBreaker::Open() {
  state_ = State::kOpen;
  trial_at_nanos_ = clock_.MonotonicNanos() + open_ms_ * 1'000'000;
}

bool CircuitBreaker::Report(Pass pass, Outcome outcome) {
  const MutexLock lock(mutex_);
  if (pass.trial) {
    TRINE_CHECK(state_ == State::kTrial);
    if (outcome == Outcome::kWorked) {
      state_ = State::kClosed;
      in_a_row_ = 0;
    } else {
      Open();
      // A trial that says nothing about the provider is followed by another one.
      if (outcome == Outcome::kUnknown) trial_at_nanos_ = clock_.MonotonicNanos();
    }
    return outcome == Outcome::kWorked;
  }
  // A call that began before the breaker opened no longer counts; the trial decides.
  if (state_ != State::kClosed) return false;
  if (outcome == Outcome::kWorked) in_a_row_ = 0;
  if (outcome == Outcome::kFailed) in_a_row_ = std::min(in_a_row_ + 1, failures_);
  if (in_a_row_ < failures_) return false;
  Open();
  return true;
}

CircuitBreaker::State CircuitBreaker::state() const {
  const MutexLock lock(mutex_);
  return state_;
}

}  // namespace trine::remote::llm
