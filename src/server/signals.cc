#include "server/signals.h"

#include <signal.h>

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

}  // namespace trine::server
