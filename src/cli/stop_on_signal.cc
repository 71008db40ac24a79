#include "cli/stop_on_signal.h"

#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "server/signals.h"

namespace trine::cli {

StopOnSignal::StopOnSignal(std::function<void()> close)
    : close_(std::move(close)), thread_([this] { Watch(); }) {
  TRINE_CHECK(close_ != nullptr);
}

StopOnSignal::~StopOnSignal() {
  {
    const MutexLock lock(mutex_);
    done_ = true;
  }
  // Wakes Watch(), which waits for a signal, sees `done_` and returns. The signal is blocked, so it cannot
  // end the process.
  pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  thread_.join();
}

void StopOnSignal::Watch() {
  const int signal = server::WaitForSignal();
  TRINE_CHECK(signal == SIGTERM || signal == SIGINT);
  const MutexLock lock(mutex_);
  if (done_) return;
  std::fprintf(stderr, "trine: stopping on %s\n", signal == SIGINT ? "SIGINT" : "SIGTERM");
  close_();
  std::_Exit(128 + signal);
}

}  // namespace trine::cli
