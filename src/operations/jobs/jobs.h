// Jobs: the long-running work of resources (imports, exports, training, batch inference, data deletion). The
// resource of a job goes PENDING -> IN_PROGRESS -> ACTIVE, or FAILED with a reason. Work that a crash or a
// shutdown interrupted runs again from its beginning at the next start. The result of a job and its final
// state are one atomic write, so that no work takes effect twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "operations/jobs/job_dependencies.h"

namespace trine::operations {

// An interface so that the tests of the Personalize API can run jobs by hand (HandJobs).
//
// Thread-safe. The only lock of the implementation guards the progress of running jobs and the list of
// stalled ones and is a leaf. Destroy the JobRunner first: its jobs use this object.
//
// Start* takes the path of a resource that exists and is pending, and returns when the job is queued. Returns
// kNotFound if the resource does not exist and kExists if its job is already running. Any other failure to
// queue the job makes the resource FAILED.
class Jobs {
 public:
  virtual ~Jobs() = default;
  virtual Status StartImport(const std::string& import_job) = 0;
  virtual Status StartExport(const std::string& export_job) = 0;
  virtual Status StartTraining(const std::string& solution_version) = 0;
  // Asks training that is pending or in progress to stop; returns kInUse in any other state. Does not wait
  // for the training to stop.
  virtual Status StopTraining(const std::string& solution_version) = 0;
  virtual Status StartRecommenderTraining(const std::string& recommender) = 0;
  virtual Status StartBatchInference(const std::string& job) = 0;
  virtual Status StartDataDeletion(const std::string& job) = 0;
  // Restarts the jobs that were pending or in progress when the process ended. Called once, at start-up.
  virtual void ResumeAll() = 0;
  // Deals with the jobs whose state could not be stored, which is the case while the store accepts no writes:
  // runs them again, or stores the reason why they failed. Called regularly; costs next to nothing if there
  // are none.
  virtual void ResumeStalled() = 0;
  // The progress of a resource's job, for display; nullopt if the job is not running.
  struct Progress {
    double done = 0;   // 0..1
    std::string what;  // the current activity
  };
  virtual std::optional<Progress> ProgressOf(const std::string& path) const = 0;
  // Removes the files with rejected rows that name one of these people. An error of the disk.
  virtual Status RemoveRejects(const std::vector<std::string>& user_ids) = 0;
  // Removes the file with the rows that an import job rejected, if there is one. Call it before the resource
  // of the job is deleted. An error of the disk.
  virtual Status RemoveRejectsOfImport(const std::string& import_job) = 0;
};
std::unique_ptr<Jobs> NewJobs(JobDependencies deps);

}  // namespace trine::operations
