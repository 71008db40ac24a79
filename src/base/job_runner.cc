#include "base/job_runner.h"

#include <sys/resource.h>

#include <map>
#include <new>
#include <utility>

#include "base/mutex.h"
#include "base/thread_pool.h"

namespace trine {
namespace {

// Requests go first: the calling thread, and the threads that it starts, get a third of the time of a thread
// that answers requests.
void LowerPriority() {
  thread_local bool done = false;
  if (std::exchange(done, true) || ::getpriority(PRIO_PROCESS, 0) >= kJobNiceness) return;
  ::setpriority(PRIO_PROCESS, 0, kJobNiceness);
}

class ThreadJobRunner final : public JobRunner {
 public:
  ThreadJobRunner(size_t threads, size_t queue) : pool_("jobs", threads, queue) {}
  ~ThreadJobRunner() override {
    {
      const MutexLock lock(mutex_);
      for (auto& [name, stop] : jobs_) stop.request_stop();
    }
    pool_.Stop();
  }

  Status Start(std::string name, std::function<void(std::stop_token)> work) override {
    std::stop_source stop;
    {
      const MutexLock lock(mutex_);
      if (!jobs_.emplace(name, stop).second) {
        return Error(ErrorCode::kExists, "a job with this name is already running").Got(name);
      }
    }
    // The name is added to jobs_ before Submit, not after it: the job may finish, and remove the name, before
    // Submit returns.
    Status submitted = pool_.Submit([this, name, stop, run = std::move(work)] {
      LowerPriority();
      try {
        run(stop.get_token());
      } catch (const std::bad_alloc&) {
        // The job has ended; the process goes on.
      }
      Finish(name);
    });
    if (!submitted.ok()) Finish(name);
    return submitted;
  }

  Status Stop(const std::string& name) override {
    std::stop_source stop(std::nostopstate);
    {
      const MutexLock lock(mutex_);
      const auto job = jobs_.find(name);
      if (job == jobs_.end())
        return Error(ErrorCode::kNotFound, "no job with this name is running").Got(name);
      stop = job->second;
    }
    // Outside the lock, because this runs the job's stop callbacks, which may be slow.
    stop.request_stop();
    return Ok();
  }

  void Drain() override {
    const MutexLock lock(mutex_);
    while (!jobs_.empty()) idle_.Wait(mutex_);
  }

 private:
  void Finish(const std::string& name) {
    const MutexLock lock(mutex_);
    TRINE_CHECK_EQ(jobs_.erase(name), 1u);
    if (jobs_.empty()) idle_.NotifyAll();
  }

  Mutex mutex_;
  CondVar idle_;
  std::map<std::string, std::stop_source> jobs_ TRINE_GUARDED_BY(mutex_);  // queued and running
  ThreadPool pool_;  // last, so it is joined before the members its tasks use are destroyed
};

}  // namespace

std::unique_ptr<JobRunner> NewThreadJobRunner(size_t threads, size_t queue) {
  return std::make_unique<ThreadJobRunner>(threads, queue);
}

}  // namespace trine
