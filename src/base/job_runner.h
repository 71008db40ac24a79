// JobRunner: the seam for long work (import, export, training). The embedded implementation runs a
// bounded number of jobs on threads of this process; training itself execs a child (see recommend).
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace trine {

// Thread-safe.
class JobRunner {
 public:
  virtual ~JobRunner() = default;
  // Runs `work` later, on another thread. `name` is unique among running jobs; kBusy when the queue
  // is full. `work` must watch its stop token and must not throw.
  virtual Status Start(std::string name, std::function<void(std::stop_token)> work) = 0;
  // Asks a running job to stop; kNotFound when none runs under that name.
  virtual Status Stop(const std::string& name) = 0;
  // Waits until nothing runs and nothing is queued. For shutdown and tests.
  virtual void Drain() = 0;
};

}  // namespace trine
