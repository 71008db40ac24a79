// JobRunner: runs long work (import, export, training) in the background. An interface so that a runner
// outside this process can take the place of the embedded one, which runs a bounded number of jobs on threads
// of its own. A training job executes a child process (recommend/train/training_child.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace trine {

// Thread-safe.
class JobRunner {
 public:
  virtual ~JobRunner() = default;
  // Runs `work` later on another thread. Requires that `work` watches its stop token and does not throw.
  // kExists when a job of this name is queued or running, kBusy when the queue is full; in both cases `work`
  // never runs.
  virtual Status Start(std::string name, std::function<void(std::stop_token)> work) = 0;
  // Requests a queued or running job to stop and returns without waiting for it. A queued job still runs,
  // with a token that already requests the stop. kNotFound when there is no job of this name.
  virtual Status Stop(const std::string& name) = 0;
  // Waits until no job is running or queued. For shutdown and tests.
  virtual void Drain() = 0;
};

// Runs jobs on `threads` threads of this process, with at most `queue` more waiting. Requires threads >= 1.
// The destructor requests every job to stop and waits for it.
std::unique_ptr<JobRunner> NewThreadJobRunner(size_t threads, size_t queue);

}  // namespace trine
