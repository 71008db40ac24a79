// Jobs: long work behind resources (imports, exports, training, batch inference). A job's resource
// goes PENDING -> IN_PROGRESS -> ACTIVE or FAILED with a reason; work found unfinished at start-up is run
// again.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "operations/jobs/job_dependencies.h"

namespace trine::operations {

// Thread-safe. Each Start* expects its resource to exist and be pending.
class Jobs {
 public:
  virtual ~Jobs() = default;
  virtual Status StartImport(const std::string& import_job) = 0;  // resource paths
  virtual Status StartExport(const std::string& export_job) = 0;
  virtual Status StartTraining(const std::string& solution_version) = 0;
  virtual Status StopTraining(const std::string& solution_version) = 0;
  virtual Status StartRecommenderTraining(const std::string& recommender) = 0;
  virtual Status StartBatchInference(const std::string& job) = 0;
  virtual Status ResumeAll() = 0;  // at start-up
  // Percent done and words of what runs now, for progress displays; empty when nothing runs under `path`.
  struct Progress {
    double done = 0;
    std::string what;
  };
  virtual std::optional<Progress> ProgressOf(const std::string& path) const = 0;
};
std::unique_ptr<Jobs> NewJobs(JobDependencies deps);

}  // namespace trine::operations
