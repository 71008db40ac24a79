#include "cli/stop_on_signal.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
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

Result<std::unique_ptr<server::Server>> StartUnlessStopped(const server::ServeOptions& options, Log& log,
                                                           std::optional<int> exit_status) {
  constexpr auto kStep = std::chrono::milliseconds(10);
  auto start =
      std::async(std::launch::async, [&] { return server::Server::Start(options, SystemClock(), log); });
  while (start.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const int signal = server::WaitForSignal(kStep);
    if (signal == 0) continue;
    TRINE_CHECK(signal == SIGTERM || signal == SIGINT);
    log.Warning("stopping before the start has ended; the next start begins it again");
    std::_Exit(exit_status.value_or(128 + signal));
  }
  return start.get();
}

}  // namespace trine::cli
