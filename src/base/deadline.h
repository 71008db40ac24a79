// Deadline: a point in monotonic time and a stop token. Every call that may block or run for long takes one
// by value.
#pragma once

#include <cstdint>
#include <limits>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"

namespace trine {

// Cheap to copy and to check. A default Deadline never passes. The clock must outlive every copy.
// Thread-safe.
class Deadline {
 public:
  Deadline() = default;
  static Deadline After(const Clock& clock, int64_t millis, std::stop_token stop = {}) {
    Deadline d;
    d.clock_ = &clock;
    d.at_nanos_ = clock.MonotonicNanos() + millis * 1'000'000;
    d.stop_ = std::move(stop);
    return d;
  }
  // Returns the earlier of this deadline and `millis` from now, with the same stop token. Requires the clock
  // that this deadline was created with.
  Deadline Within(const Clock& clock, int64_t millis) const {
    Deadline d = *this;
    TRINE_CHECK(clock_ == nullptr || clock_ == &clock);
    const int64_t at = clock.MonotonicNanos() + millis * 1'000'000;
    if (clock_ == nullptr || at < at_nanos_) d.at_nanos_ = at;
    d.clock_ = &clock;
    return d;
  }
  bool Passed() const {
    return stop_.stop_requested() || (clock_ != nullptr && clock_->MonotonicNanos() >= at_nanos_);
  }
  // Returns the milliseconds left: 0 if the deadline has passed, a very large number if there is no deadline.
  int64_t MillisLeft() const {
    if (stop_.stop_requested()) return 0;
    if (clock_ == nullptr) return std::numeric_limits<int64_t>::max() / 4;
    const int64_t left = (at_nanos_ - clock_->MonotonicNanos()) / 1'000'000;
    return left > 0 ? left : 0;
  }
  const std::stop_token& stop() const { return stop_; }
  // Returns kTimeout if the deadline has passed. `what` names the work in the error message, for example
  // "listing a folder".
  Status Check(const char* what) const {
    if (!Passed()) return Ok();
    return Error(ErrorCode::kTimeout, std::string(what) + " ran past its deadline");
  }

 private:
  const Clock* clock_ = nullptr;
  int64_t at_nanos_ = std::numeric_limits<int64_t>::max();
  std::stop_token stop_;
};

}  // namespace trine
