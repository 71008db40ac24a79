// StopOnSignal: a command that runs a server of its own closes it when it is told to stop.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

namespace trine::cli {

// From construction to destruction SIGTERM and SIGINT call `close` once, on a thread of its own, and end
// the process with 128 plus the signal, whatever the others are doing. Requires server::BlockSignals
// before any thread was started; one at a time. The destructor waits for a `close` that runs, and so does
// not come back from it.
class StopOnSignal {
 public:
  explicit StopOnSignal(std::function<void()> close);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  void Watch();

  std::function<void()> close_;
  std::mutex mutex_;  // held while closing
  bool done_ = false;
  std::thread thread_;
};

}  // namespace trine::cli
