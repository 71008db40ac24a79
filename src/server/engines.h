// Engines: an open data directory and all engines that use it. `trine serve` adds the APIs; `trine rebuild`
// and `trine eval recommend` use the engines directly.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/job_runner.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task_health.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "catalogue/record_store.h"
#include "formation/ask.h"
#include "formation/pipeline.h"
#include "formation/search_service.h"
#include "history/history.h"
#include "index/index_set.h"
#include "language/model.h"
#include "net/client.h"
#include "operations/jobs/jobs.h"
#include "operations/write/writer.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "search/search.h"
#include "server/options.h"
#include "storage/directory.h"
#include "storage/free_space.h"
#include "storage/key_value.h"
#include "storage/object_store.h"

namespace trine::server {

// Owns all engines. The members are public on purpose. Open creates them in dependency order; none is nullptr
// until Close, and they are destroyed in reverse order. docs/formats/data_directory.md describes the
// directory. The thread safety of each engine is in its header; Open, Close and the destructor must be called
// from one thread.
class Engines {
 public:
  // Opens the directory for writing as OpenDataDirectory does (server/data_directory.h), whose errors it
  // returns. `clock`, `log` and `metrics` must outlive the engines. kCorrupt if facts are corrupt. Corrupt
  // derived files are not an error: they are moved aside and rebuilt. `progress` receives what is being done
  // and its share, 0..1, on this thread.
  using Progress = std::function<void(double done, const std::string& what)>;
  static Result<std::unique_ptr<Engines>> Open(const EngineOptions& options, const Clock& clock, Log& log,
                                               Metrics& metrics, const Progress& progress = {});
  ~Engines();
  // Stops running jobs, checkpoints counters, and flushes indexes and facts. Takes all steps even if one
  // fails and returns the last error; no acknowledged write is lost then. Afterwards `runner`,
  // `knowledge_runner`, `ask` and `jobs` are nullptr. Idempotent.
  Status Close();

  EngineOptions options;
  const Clock* clock = nullptr;
  TaskHealth tasks;  // what fails in the background
  std::unique_ptr<storage::Directory> root, models, derived;
  std::unique_ptr<storage::KeyValue> facts;
  std::unique_ptr<storage::SpaceGuard> space;  // of all disks of the directory
  std::unique_ptr<analysis::Analyzers> analyzers;
  std::unique_ptr<catalogue::Catalogue> catalogue;
  std::unique_ptr<catalogue::RecordStore> records;
  std::unique_ptr<catalogue::DeclaredRoles> declared_roles;
  std::unique_ptr<index::IndexSet> indexes;
  std::unique_ptr<operations::Writer> writer;
  std::unique_ptr<history::History> history;
  std::unique_ptr<recommend::ResourceStore> resources;
  std::unique_ptr<recommend::Recommender> recommender;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<storage::ObjectStores> objects;
  std::unique_ptr<JobRunner> runner;
  std::unique_ptr<JobRunner> knowledge_runner;  // one thread, which neither imports nor training occupy
  std::unique_ptr<operations::Jobs> jobs;
  std::unique_ptr<search::Searcher> searcher;
  std::unique_ptr<formation::PipelineStore> pipelines;
  std::unique_ptr<formation::SearchService> search;
  std::unique_ptr<language::LanguageModel> model;           // the outside one, if it is configured
  std::unique_ptr<language::LanguageModel> grounded_model;  // checks the sentences of `model`
  std::unique_ptr<formation::AskService> ask;

 private:
  Engines() = default;
  Status OpenStorage(Log& log);
  Status OpenSearchWing(Log& log, Metrics& metrics, const Progress& progress);
  Status OpenRecommendWing(Log& log, Metrics& metrics);
  Status OpenFormation(Log& log, Metrics& metrics);
  bool closed_ = false;
};

// The size of each thread pool: `options.threads`, or the number of cores if it is 0.
size_t ThreadsOf(const EngineOptions& options);

// Returns the folder of the Korean dictionary (mecab-ko-dic): `given` unless it is empty, else the first
// mecab-ko-dic folder found in ../share/trine, ../deps (both relative to the program's folder) or the
// program's folder. Empty if there is none.
std::string FindKoreanDictionary(const std::string& given, const std::string& program);

}  // namespace trine::server
