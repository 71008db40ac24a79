// Clock: the only source of time. Tests pass a ManualClock.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/ids.h"

namespace trine {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Millis Now() const = 0;              // wall clock
  virtual int64_t MonotonicNanos() const = 0;  // never goes back; for durations and deadlines
};

// The machine's clocks. Lives for the whole process.
const Clock& SystemClock();

// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Millis start) : now_(start.value) {}
  Millis Now() const override { return Millis{now_.load()}; }
  int64_t MonotonicNanos() const override { return now_.load() * 1'000'000; }
  void Advance(int64_t millis) { now_ += millis; }

 private:
  std::atomic<int64_t> now_;
};

}  // namespace trine
