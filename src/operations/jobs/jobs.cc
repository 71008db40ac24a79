#include "operations/jobs/jobs.h"

#include <map>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "operations/jobs/job_run.h"
#include "operations/jobs/reject_file.h"

namespace trine::operations {
namespace {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

using Work = Result<Json> (*)(const JobRun&);

// A kind of resource whose creation runs a job.
struct JobKind {
  ResourceKind kind;
  std::string_view word;  // prefix of its run names
  Work work;
};
constexpr JobKind kImport{ResourceKind::kImportJob, "import", &RunImportJob};
constexpr JobKind kExport{ResourceKind::kExportJob, "export", &RunExportJob};
constexpr JobKind kTraining{ResourceKind::kSolutionVersion, "training", &RunTrainingJob};
constexpr JobKind kRecommender{ResourceKind::kRecommender, "recommender", &RunRecommenderJob};
constexpr JobKind kBatch{ResourceKind::kBatchInferenceJob, "batch", &RunBatchJob};
constexpr JobKind kDeletion{ResourceKind::kDataDeletionJob, "deletion", &RunDeletionJob};
constexpr JobKind kKinds[] = {kImport, kExport, kTraining, kRecommender, kBatch, kDeletion};

std::string RunName(const JobKind& kind, const std::string& path) {
  return std::string(kind.word) + "/" + path;
}

class EmbeddedJobs final : public Jobs {
 public:
  explicit EmbeddedJobs(JobDependencies deps) : deps_(std::move(deps)) {}

  Status StartImport(const std::string& path) override { return Start(kImport, path); }
  Status StartExport(const std::string& path) override { return Start(kExport, path); }
  Status StartTraining(const std::string& path) override { return Start(kTraining, path); }
  Status StartRecommenderTraining(const std::string& path) override { return Start(kRecommender, path); }
  Status StartBatchInference(const std::string& path) override { return Start(kBatch, path); }
  Status StartDataDeletion(const std::string& path) override { return Start(kDeletion, path); }
  Status StopTraining(const std::string& path) override;
  Status RemoveRejects(const std::vector<std::string>& user_ids) override {
    return RemoveRejectsOf(deps_.scratch, user_ids);
  }
  Status RemoveRejectsOfImport(const std::string& import_job) override {
    return RemoveRejectFile(deps_.scratch, AsFileName(import_job));
  }
  void ResumeAll() override;
  void ResumeStalled() override;
  std::optional<Progress> ProgressOf(const std::string& path) const override;

 private:
  Status Start(const JobKind& kind, const std::string& path);
  void Run(const JobKind& kind, const std::string& path, const std::stop_token& stop);
  void RunOnce(const JobKind& kind, const std::string& path, const std::stop_token& stop);
  void Finish(const JobKind& kind, const Resource& resource, const Result<Json>& result,
              const std::stop_token& stop);
  Status Complete(const JobKind& kind, const std::string& path, const Json& result, storage::WriteBatch with);
  void Stall(const JobKind& kind, const std::string& path, std::optional<Error> cause);
  void DropModel(const std::string& model);
  void Report(const std::string& path, std::optional<Progress> progress);

  // A job that is not running and whose resource does not say so.
  struct StalledJob {
    JobKind kind;
    std::string path;
    std::optional<Error> cause;  // why it failed; nullopt: it runs again
  };

  const JobDependencies deps_;
  mutable Mutex mutex_;
  std::map<std::string, Progress> progress_ TRINE_GUARDED_BY(mutex_);   // of running jobs, by path
  std::map<std::string, StalledJob> stalled_ TRINE_GUARDED_BY(mutex_);  // by run name
};

bool IsUnfinished(ResourceState state) {
  return state == ResourceState::kPending || state == ResourceState::kInProgress ||
         state == ResourceState::kStopping;
}

// Takes a resource whose job did its work to its final state.
void SetSucceeded(const Json& result, Resource* now) {
  TRINE_CHECK(result.is_object());
  if (now->state == ResourceState::kStopping) {
    now->state = ResourceState::kStopped;
    return;
  }
  now->state = ResourceState::kActive;
  // Clients look for problems in failure_reason, so a partial failure (rejected rows) is reported there too.
  const Json* remark = result.Find("remark");
  now->failure_reason = remark != nullptr && remark->is_string() ? remark->string() : "";
  if (now->spec.Find("next_model") != nullptr) now->spec.Set("next_model", "");
  for (const auto& [name, value] : result.object()) now->spec.Set(name, value);
}

Status EmbeddedJobs::Start(const JobKind& kind, const std::string& path) {
  if (!deps_.resources.Get(kind.kind, path)) {
    return Error(ErrorCode::kNotFound, "there is no " + std::string(kind.word) + " \"" + path + "\" to run")
        .Where(path);
  }
  Status started = deps_.runner.Start(
      RunName(kind, path), [this, kind, path](const std::stop_token& stop) { Run(kind, path, stop); });
  // kExists means that the job is already running, so its resource must not become FAILED.
  if (started.ok() || started.error().kind() == ErrorKind::kExists) return started;
  const Result<Resource> failed = deps_.resources.Update(kind.kind, path, [&](Resource& resource) {
    resource.state = ResourceState::kFailed;
    resource.failure_reason = "the job could not be started: " + started.error().message;
    return Ok();
  });
  if (!failed.ok()) {
    deps_.log.Error("cannot store the state of \"" + path + "\": " + failed.error().ToString());
    Stall(kind, path, started.error());
  }
  return started;
}

// Runs on a thread of the JobRunner. A job that could not even store its failure for lack of memory runs
// again.
void EmbeddedJobs::Run(const JobKind& kind, const std::string& path, const std::stop_token& stop) {
  try {
    RunOnce(kind, path, stop);
  } catch (const std::bad_alloc&) {
    Stall(kind, path, std::nullopt);
  }
}

// Takes the resource from pending to its final state.
void EmbeddedJobs::RunOnce(const JobKind& kind, const std::string& path, const std::stop_token& stop) {
  {
    const MutexLock lock(mutex_);
    stalled_.erase(RunName(kind, path));
  }
  const Millis time = deps_.clock.Now();
  const Result<Resource> begun = deps_.resources.Update(kind.kind, path, [&](Resource& resource) {
    resource.state = resource.state == ResourceState::kStopping || resource.state == ResourceState::kStopped
                         ? ResourceState::kStopped
                         : ResourceState::kInProgress;
    // The name is stored before the model, so that a job that runs again replaces its model file.
    if (kind.kind == ResourceKind::kRecommender && SpecText(resource, "next_model").empty())
      resource.spec.Set("next_model", AsFileName(path) + "." + std::to_string(time.value));
    return Ok();
  });
  if (!begun.ok() && begun.error().kind() != ErrorKind::kNotFound) {
    deps_.log.Error("cannot store the state of \"" + path +
                    "\"; its job runs when the store accepts writes: " + begun.error().ToString());
    Stall(kind, path, std::nullopt);
  }
  if (!begun.ok() || begun->state == ResourceState::kStopped) return;
  Report(path, Progress{0, "starting"});
  bool completed = false;
  JobRun run{deps_, *begun,
             [&](double done, const std::string& what) {
               TRINE_DCHECK_GE(done, 0);
               TRINE_DCHECK_LE(done, 1);
               Report(path, Progress{done, what});
             },
             stop,
             [&](const Json& result, storage::WriteBatch with) {
               Status stored = Complete(kind, path, result, std::move(with));
               completed = stored.ok();
               return stored;
             }};
  const Result<Json> result = CatchBadAlloc([&] { return kind.work(run); });
  if (!completed) Finish(kind, *begun, result, stop);
  Report(path, std::nullopt);
}

Status EmbeddedJobs::Complete(const JobKind& kind, const std::string& path, const Json& result,
                              storage::WriteBatch with) {
  const Result<Resource> ended = deps_.resources.Update(
      kind.kind, path,
      [&](Resource& now) {
        SetSucceeded(result, &now);
        return Ok();
      },
      std::move(with));
  return ended.ok() ? Ok() : Status(ended.error());
}

void EmbeddedJobs::Stall(const JobKind& kind, const std::string& path, std::optional<Error> cause) {
  const MutexLock lock(mutex_);
  stalled_.insert_or_assign(RunName(kind, path), StalledJob{kind, path, std::move(cause)});
}

void EmbeddedJobs::Finish(const JobKind& kind, const Resource& resource, const Result<Json>& result,
                          const std::stop_token& stop) {
  const Result<Resource> ended = deps_.resources.Update(kind.kind, resource.path, [&](Resource& now) {
    if (result.ok()) {
      SetSucceeded(*result, &now);
    } else if (now.state == ResourceState::kStopping) {
      now.state = ResourceState::kStopped;
    } else if (!stop.stop_requested()) {
      // The job failed by itself. (If `stop` was requested although the state is not kStopping, the server is
      // shutting down: the resource stays in progress, and the job runs again at the next start.)
      now.state = ResourceState::kFailed;
      now.failure_reason = result.error().ToString();
    }
    return Ok();
  });
  const Json* model = result.ok() ? result->Find("model") : nullptr;
  const std::string former = SpecText(resource, "model");
  if (ended.ok() && ended->state == ResourceState::kActive) {
    if (model != nullptr && !former.empty() && former != model->string()) DropModel(former);
    return;
  }
  if (!result.ok() && !stop.stop_requested()) {
    deps_.log.Warning(std::string(kind.word) + " \"" + resource.path +
                      "\" failed: " + result.error().ToString());
  }
  if (!ended.ok() && ended.error().kind() != ErrorKind::kNotFound) {
    // A failure that has the same cause as this one says nothing about the job, which runs again.
    const bool own_failure =
        !result.ok() && !stop.stop_requested() && !IsServerFailure(result.error().kind());
    deps_.log.Error("cannot store the state of \"" + resource.path + "\"; its job " +
                    (own_failure ? "is marked as failed" : "runs again") +
                    " when the store accepts writes: " + ended.error().ToString());
    Stall(kind, resource.path, own_failure ? std::optional(result.error()) : std::nullopt);
  }
  // If the job failed, or the resource was deleted or stopped meanwhile, or the new model could not be
  // recorded in it, the new model is removed and the former model stays in use.
  if (model != nullptr && model->string() != former) DropModel(model->string());
}

void EmbeddedJobs::DropModel(const std::string& model) {
  if (const Status dropped = deps_.recommender.DropModel(model); !dropped.ok()) {
    deps_.log.Warning("cannot remove the model \"" + model + "\": " + dropped.error().ToString());
  }
}

Status EmbeddedJobs::StopTraining(const std::string& path) {
  const std::string name = RunName(kTraining, path);
  const Result<Resource> stopping =
      deps_.resources.Update(ResourceKind::kSolutionVersion, path, [&](Resource& resource) -> Status {
        if (resource.state != ResourceState::kPending && resource.state != ResourceState::kInProgress) {
          return Error(ErrorCode::kInUse, "only training that is pending or in progress can be stopped")
              .Where(path);
        }
        resource.state = ResourceState::kStopping;
        return Ok();
      });
  if (!stopping.ok()) return stopping.error();
  if (deps_.runner.Stop(name).ok()) return Ok();
  // The job is not running, so it will not set the final state. Set it here.
  const Result<Resource> stopped =
      deps_.resources.Update(ResourceKind::kSolutionVersion, path, [](Resource& resource) {
        if (resource.state == ResourceState::kStopping) resource.state = ResourceState::kStopped;
        return Ok();
      });
  if (stopped.ok()) return Ok();
  Stall(kTraining, path, std::nullopt);
  return stopped.error();
}

void EmbeddedJobs::ResumeAll() {
  for (const JobKind& kind : kKinds) {
    for (const Resource& resource : deps_.resources.List(kind.kind)) {
      if (!IsUnfinished(resource.state)) continue;
      // A run of a resource that is being stopped only stores that it has stopped.
      if (resource.state != ResourceState::kStopping)
        deps_.log.Info(std::string(kind.word) + " \"" + resource.path + "\" was unfinished and runs again");
      if (const Status started = Start(kind, resource.path); !started.ok()) {
        deps_.log.Warning(std::string(kind.word) + " \"" + resource.path +
                          "\": " + started.error().ToString());
      }
    }
  }
}

void EmbeddedJobs::ResumeStalled() {
  std::map<std::string, StalledJob> stalled;
  {
    const MutexLock lock(mutex_);
    stalled.swap(stalled_);
  }
  for (auto& [name, job] : stalled) {
    Status done = Ok();
    if (job.cause) {
      const Result<Resource> ended = deps_.resources.Update(job.kind.kind, job.path, [&](Resource& now) {
        if (!IsUnfinished(now.state)) return Ok();
        now.state = now.state == ResourceState::kStopping ? ResourceState::kStopped : ResourceState::kFailed;
        if (now.state == ResourceState::kFailed) now.failure_reason = job.cause->ToString();
        return Ok();
      });
      if (!ended.ok() && ended.error().kind() != ErrorKind::kNotFound) done = ended.error();
    } else {
      // The run that stalled may not have ended yet: kExists, and the next call tries again.
      done = deps_.runner.Start(name, [this, kind = job.kind, path = job.path](const std::stop_token& stop) {
        Run(kind, path, stop);
      });
      if (done.ok()) deps_.log.Info(std::string(job.kind.word) + " \"" + job.path + "\" runs again");
    }
    if (done.ok()) continue;
    const MutexLock lock(mutex_);
    stalled_.try_emplace(name, std::move(job));
  }
}

void EmbeddedJobs::Report(const std::string& path, std::optional<Progress> progress) {
  const MutexLock lock(mutex_);
  if (progress) {
    progress_[path] = *std::move(progress);
  } else {
    progress_.erase(path);
  }
}

std::optional<Jobs::Progress> EmbeddedJobs::ProgressOf(const std::string& path) const {
  const MutexLock lock(mutex_);
  const auto found = progress_.find(path);
  return found == progress_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::unique_ptr<Jobs> NewJobs(JobDependencies deps) {
  return std::make_unique<EmbeddedJobs>(std::move(deps));
}

}  // namespace trine::operations
