// JobRun: one run of a job, and a function for each kind of job. Jobs keeps the state of the resource.
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
// Ends a job well: stores `result` and the final state of its resource in one atomic batch with `with`. After
// an error nothing of them is stored. kNotFound if the resource was deleted meanwhile.
using JobCompletion = std::function<Status(const format::Json& result, storage::WriteBatch with)>;

// One run of a job, on a thread of the JobRunner. A Run function returns an object, whose members are then
// set in the resource's `spec`. It must check `stop` regularly and fail, with any error, once a stop is
// requested. A job whose result is rows of the store calls `complete` to make them visible: if the server
// ended between two writes, the job would run again and store its rows twice.
struct JobRun {
  const JobDependencies& deps;
  const recommend::Resource& resource;
  JobProgress progress;
  std::stop_token stop;
  JobCompletion complete;
};
Result<format::Json> RunImportJob(const JobRun& run);
Result<format::Json> RunExportJob(const JobRun& run);
Result<format::Json> RunTrainingJob(const JobRun& run);     // solution version
Result<format::Json> RunRecommenderJob(const JobRun& run);  // recommender
Result<format::Json> RunBatchJob(const JobRun& run);
Result<format::Json> RunDeletionJob(const JobRun& run);

// Returns a string member of the spec; empty if it is absent.
std::string SpecText(const recommend::Resource& resource, std::string_view member);
// Returns the resource at `path`, to which another resource refers; kNotFound if the resource at `path` was
// deleted. `what` is the word for that resource in the error message.
Result<recommend::Resource> RequireResource(const JobDependencies& deps, recommend::ResourceKind kind,
                                            const std::string& path, std::string_view what);
// A resource path as a file name: every character except letters, digits, '-' and '_' becomes '.'.
std::string AsFileName(std::string_view path);

}  // namespace trine::operations
