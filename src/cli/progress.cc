#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>

#include "base/check.h"
#include "base/clock.h"

namespace trine::cli {
namespace {

constexpr int64_t kQuietNanos = 2'000'000'000;  // a command that takes less time shows no progress line
constexpr int64_t kRedrawNanos = 200'000'000;

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      start_nanos_(SystemClock().MonotonicNanos()),
      terminal_(isatty(STDERR_FILENO) == 1) {
  if (!terminal_) std::fprintf(stderr, "%s ...\n", what_.c_str());
}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

void Progress::Show(double done, const std::string& note) {
  TRINE_CHECK_LE(done, 1.0);
  const int64_t now = SystemClock().MonotonicNanos();
  if (!terminal_ || now - start_nanos_ < kQuietNanos || now - last_nanos_ < kRedrawNanos) return;
  last_nanos_ = now;
  shown_ = true;
  if (done <= 0) {
    std::fprintf(stderr, "\r\033[K%s: %s", what_.c_str(), note.c_str());
    return;
  }
  const double left = static_cast<double>(now - start_nanos_) * 1e-9 * (1 - done) / done;
  std::fprintf(stderr, "\r\033[K%s: %3.0f %% (%.0f s left) %s", what_.c_str(), done * 100, left,
               note.c_str());
}

}  // namespace trine::cli
