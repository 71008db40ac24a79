// BodyPace: whether the body of a request arrives fast enough. Times are in monotonic nanoseconds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "net/server_options.h"

namespace trine::net {

// Owned by the request that is read. Not thread-safe.
class BodyPace {
 public:
  static constexpr size_t kProgressBytes = 4u << 10;  // body_timeout_ms restarts after so many bytes

  // Notes that `size` bytes of the body have arrived by `now`. Returns whether body_timeout_ms starts again.
  bool Note(size_t size, int64_t now) {
    if (began_ == 0) began_ = now;
    if (timed_from_ != SIZE_MAX && size < timed_from_ + kProgressBytes) return false;
    timed_from_ = size;
    return true;
  }
  // Whether the client sends its body more slowly than the options allow on average, so that it can hold the
  // connection and the memory of the body for hours. False before the first Note.
  bool IsTooSlow(size_t size, int64_t now, const ServerOptions& options) const {
    constexpr int64_t kNanosPerMilli = 1'000'000;
    if (began_ == 0) return false;
    const int64_t millis = (now - began_) / kNanosPerMilli - options.body_grace_ms;
    if (millis <= 0) return false;
    const double least =
        static_cast<double>(millis) / 1000 * static_cast<double>(options.min_body_bytes_per_second);
    return static_cast<double>(size) < least;
  }

 private:
  int64_t began_ = 0;
  size_t timed_from_ = SIZE_MAX;  // the size at which body_timeout_ms started; SIZE_MAX: it did not
};

}  // namespace trine::net
