// StopOnSignal: orderly shutdown for commands that run a server of their own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "server/server.h"

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

// Starts a server. A start may replay or rebuild for minutes; SIGTERM or SIGINT during that time ends the
// process at once, with this exit status (nullopt: 128 plus the signal number). Nothing is lost by that,
// because a start only derives files from the facts. Requires server::BlockSignals.
Result<std::unique_ptr<server::Server>> StartUnlessStopped(const server::ServeOptions& options, Log& log,
                                                           std::optional<int> exit_status = std::nullopt);

}  // namespace trine::cli
