// JobRun: one run of a job, and the function for each kind of job. The state of the resource is kept by Jobs.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "operations/jobs/job_dependencies.h"

namespace trine::operations {

using JobProgress = std::function<void(double done, const std::string& what)>;

// One run of a job. Members of the object that it gives are put into the resource's spec. It watches the
// stop token; a stopped run fails with any error.
struct JobRun {
  const JobDependencies& deps;
  const recommend::Resource& resource;
  JobProgress progress;
  std::stop_token stop;
};
Result<format::Json> RunImportJob(const JobRun& run);
Result<format::Json> RunExportJob(const JobRun& run);
Result<format::Json> RunTrainingJob(const JobRun& run);     // solution version
Result<format::Json> RunRecommenderJob(const JobRun& run);  // recommender
Result<format::Json> RunBatchJob(const JobRun& run);

// The text of a member of a spec; empty when it is absent.
std::string SpecText(const recommend::Resource& resource, std::string_view member);
// A resource that another one names; kNotFound says which.
Result<recommend::Resource> RequireResource(const JobDependencies& deps, recommend::ResourceKind kind,
                                            const std::string& path, std::string_view what);
// A path as a file name: everything but letters, digits, '-' and '_' becomes '.'.
std::string AsFileName(std::string_view path);

}  // namespace trine::operations
