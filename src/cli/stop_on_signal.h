// StopOnSignal: orderly shutdown for commands that run a server of their own.
#pragma once

#include <functional>
#include <thread>

#include "base/mutex.h"

namespace trine::cli {

// While an instance lives, SIGTERM and SIGINT call `close` once, on the instance's own thread, and then end
// the process with status 128 plus the signal number, whatever other threads are doing. Requires that
// server::BlockSignals was called before any other thread was started, and that there is one instance at a
// time. If `close` is running, the destructor waits for it and never returns, because the process ends.
class StopOnSignal {
 public:
  explicit StopOnSignal(std::function<void()> close);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  void Watch();

  std::function<void()> close_;
  Mutex mutex_;  // held while closing
  bool done_ TRINE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace trine::cli
