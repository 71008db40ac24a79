// JobRunner: runs long work (import, export, training) in the background. An interface so that a runner
// outside this process can replace the embedded one, which runs a bounded number of jobs on its own threads.
// A training job executes a child process (recommend/train/training_child.h).
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
  // Runs `work` later on another thread. Requires that `work` watches its stop token and throws nothing but
  // std::bad_alloc, which ends the job.
  // Returns kExists if a job with this name is queued or running, kBusy if the queue is full; in both cases
  // `work` never runs.
  virtual Status Start(std::string name, std::function<void(std::stop_token)> work) = 0;
  // Asks a queued or running job to stop and returns without waiting for it. A queued job still runs, but its
  // token already requests the stop. Returns kNotFound if no job has this name.
  virtual Status Stop(const std::string& name) = 0;
  // Waits until no job is running or queued. For shutdown and tests.
  virtual void Drain() = 0;
};

inline constexpr int kJobNiceness = 5;

// Runs jobs on `threads` threads of this process, which have at least the nice value kJobNiceness, with at
// most `queue` more waiting. Requires threads >= 1. The destructor asks every job to stop and waits for all
// of them.
std::unique_ptr<JobRunner> NewThreadJobRunner(size_t threads, size_t queue);

}  // namespace trine
