// JobRunner: the seam for long work (import, export, training). The embedded implementation runs a
// bounded number of jobs on threads of this process; training itself execs a child (see recommend).
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
  // Runs `work` later, on another thread. `name` is unique among running jobs (kExists otherwise);
  // kBusy when the queue is full. `work` must watch its stop token and must not throw.
  virtual Status Start(std::string name, std::function<void(std::stop_token)> work) = 0;
  // Asks a running job to stop; kNotFound when none runs under that name. A job that still waits is
  // told too: its work is called with a token that already asks it to stop.
  virtual Status Stop(const std::string& name) = 0;
  // Waits until nothing runs and nothing is queued. For shutdown and tests.
  virtual void Drain() = 0;
};

// Jobs on `threads` >= 1 threads of this process, at most `queue` of them waiting. The destructor
// asks every job to stop and waits for it.
std::unique_ptr<JobRunner> NewThreadJobRunner(size_t threads, size_t queue);

}  // namespace trine
