// JobDependencies: the services and stores that jobs use, and the codec with which an API reads and writes
// batch files.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/job_runner.h"
#include "base/log.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "operations/write/writer.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "storage/directory.h"
#include "storage/object_store.h"

namespace trine {
class MemoryBudget;
}  // namespace trine

namespace trine::operations {

// One line of a batch inference input.
struct BatchQuery {
  std::string user_id, item_id;    // the recipe's kind decides which is set
  std::vector<std::string> items;  // to be ranked
  recommend::FilterValues filter_values;
};
// How an API reads and writes the lines of batch files. The functions must be thread-safe.
struct BatchCodec {
  std::function<Result<BatchQuery>(std::string_view line)> read;
  // Returns the output line, without its newline, for an input line and its answer.
  std::function<std::string(std::string_view line, const Result<recommend::Recommendation>& answer)> write;
  // Parses the expression of a filter resource.
  std::function<Result<recommend::Filter>(const recommend::Resource& filter)> filter;
  std::string output_suffix = ".out";  // appended to the name of the input object
};

// The services and stores that jobs use. All of them must outlive Jobs, except `runner`, which is destroyed
// first because its jobs use Jobs.
struct JobDependencies {
  recommend::ResourceStore& resources;
  history::History& history;
  catalogue::Catalogue& catalogue;
  catalogue::RecordStore& records;
  Writer& writer;
  recommend::Recommender& recommender;
  storage::ObjectStore& objects;
  storage::Directory& models;  // trained models are copied here
  JobRunner& runner;
  const Clock& clock;
  Log& log;
  std::string program;  // this executable, for the training child
  std::string scratch;  // folder for snapshots and reject files
  BatchCodec batch;     // without functions, batch inference is not supported
  const catalogue::DeclaredRoles* declared_roles = nullptr;  // nullptr: bindings declare no roles
  MemoryBudget* memory = nullptr;  // bounds imports, exports and training; nullptr: unbounded
};

}  // namespace trine::operations
