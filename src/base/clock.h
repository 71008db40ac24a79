// Clock: the only source of time. An interface so that tests can run on a ManualClock.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/check.h"
#include "base/ids.h"

namespace trine {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Millis Now() const = 0;              // wall clock
  virtual int64_t MonotonicNanos() const = 0;  // never decreases; for durations and deadlines
};

// The operating system's clocks. Lives for the whole process.
const Clock& SystemClock();

// A clock that moves only when Advance is called. Wall clock and monotonic clock move together. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Millis start) : now_(start.value) {}
  Millis Now() const override { return Millis{now_.load()}; }
  int64_t MonotonicNanos() const override { return now_.load() * 1'000'000; }
  // Requires millis >= 0: the monotonic clock must not go back.
  void Advance(int64_t millis) {
    TRINE_CHECK_GE(millis, 0);
    now_ += millis;
  }

 private:
  std::atomic<int64_t> now_;
};

}  // namespace trine
