#include "base/clock.h"

#include <chrono>

namespace trine {
namespace {

class RealClock final : public Clock {
 public:
  Millis Now() const override {
    using std::chrono::milliseconds;
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return Millis{std::chrono::duration_cast<milliseconds>(since).count()};
  }
  int64_t MonotonicNanos() const override {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  }
};

}  // namespace

const Clock& SystemClock() {
  static const RealClock kClock;
  return kClock;
}

}  // namespace trine
