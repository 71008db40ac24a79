#include "server/signals.h"

#include <signal.h>
#include <time.h>

#include <algorithm>

#include "base/check.h"

namespace trine::server {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = StopSignals();
  TRINE_CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, nullptr), 0);
  signal(SIGPIPE, SIG_IGN);
}

int WaitForSignal() {
  const sigset_t set = StopSignals();
  int received = 0;
  TRINE_CHECK_EQ(sigwait(&set, &received), 0);
  return received;
}

int WaitForSignal(std::chrono::milliseconds most) {
  const sigset_t set = StopSignals();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(most);
  const timespec time{seconds.count(), static_cast<long>((most - seconds).count() * 1'000'000)};
  return std::max(sigtimedwait(&set, nullptr, &time), 0);
}

}  // namespace trine::server
