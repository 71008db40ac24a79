// Jobs: long work behind resources (imports, exports, training, batch inference). A job's resource
// goes PENDING -> IN_PROGRESS -> ACTIVE or FAILED with a reason; work found unfinished at start-up is run
// again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/job_runner.h"
#include "base/log.h"
#include "base/result.h"
#include "history/history.h"
#include "operations/writer.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "recommend/train/train.h"
#include "storage/object_store.h"

namespace trine::operations {

// One line of a batch inference input.
struct BatchQuery {
  std::string user_id, item_id;    // as the recipe's kind needs
  std::vector<std::string> items;  // to be ranked
  recommend::FilterValues filter_values;
};
// How lines of batch files look: a wire's own affair. Functions must be thread-safe.
struct BatchCodec {
  std::function<Result<BatchQuery>(std::string_view line)> read;
  // The output line (without its newline) for an input line and what came of it.
  std::function<std::string(std::string_view line, const Result<recommend::Recommendation>& answer)> write;
  // The filter that a filter resource's expression says.
  std::function<Result<recommend::Filter>(const recommend::Resource& filter)> filter;
  std::string output_suffix = ".out";  // behind the name of the input object
};

// What jobs work on; all outlive the Jobs.
struct JobParts {
  recommend::ResourceStore& resources;
  history::History& history;
  catalogue::Catalogue& catalogue;
  catalogue::RecordStore& records;
  Writer& writer;
  recommend::Recommender& recommender;
  storage::ObjectStore& objects;
  storage::Directory& models;  // where trained models are put
  JobRunner& runner;
  const Clock& clock;
  Log& log;
  std::string program;  // this executable, for the training child
  std::string scratch;  // folder for snapshots and reject files
  BatchCodec batch;     // empty: batch inference fails with kUnsupported
};

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
std::unique_ptr<Jobs> NewJobs(JobParts parts);

}  // namespace trine::operations
