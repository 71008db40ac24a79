#include "base/job_runner.h"

#include <condition_variable>
#include <map>
#include <mutex>

#include "base/thread_pool.h"

namespace trine {
namespace {

class ThreadJobRunner final : public JobRunner {
 public:
  ThreadJobRunner(size_t threads, size_t queue) : pool_("jobs", threads, queue) {}
  ~ThreadJobRunner() override {
    {
      std::lock_guard lock(mutex_);
      for (auto& [name, stop] : jobs_) stop.request_stop();
    }
    pool_.Stop();
  }

  Status Start(std::string name, std::function<void(std::stop_token)> work) override {
    std::stop_source stop;
    {
      std::lock_guard lock(mutex_);
      if (!jobs_.emplace(name, stop).second) {
        return Error(ErrorCode::kExists, "a job of this name is running").Got(name);
      }
    }
    // The name is entered before Submit, because the job may finish before Submit returns.
    Status submitted = pool_.Submit([this, name, stop, run = std::move(work)] {
      run(stop.get_token());
      Finish(name);
    });
    if (!submitted.ok()) Finish(name);
    return submitted;
  }

  Status Stop(const std::string& name) override {
    std::stop_source stop(std::nostopstate);
    {
      std::lock_guard lock(mutex_);
      const auto job = jobs_.find(name);
      if (job == jobs_.end()) return Error(ErrorCode::kNotFound, "no job of this name is running").Got(name);
      stop = job->second;
    }
    // Outside the lock, because stop callbacks are code of the job and may be slow.
    stop.request_stop();
    return Ok();
  }

  void Drain() override {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return jobs_.empty(); });
  }

 private:
  void Finish(const std::string& name) {
    std::lock_guard lock(mutex_);
    TRINE_CHECK_EQ(jobs_.erase(name), 1u);
    if (jobs_.empty()) idle_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, std::stop_source> jobs_;  // queued and running
  ThreadPool pool_;  // last, so that it is joined before the members its tasks use
};

}  // namespace

std::unique_ptr<JobRunner> NewThreadJobRunner(size_t threads, size_t queue) {
  return std::make_unique<ThreadJobRunner>(threads, queue);
}

}  // namespace trine
