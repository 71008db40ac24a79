// Engines: one data directory opened, and every engine built on it, in the order they need each
// other. `trine serve` puts the wires on top; other commands use the engines directly.
#pragma once

#include <memory>
#include <string>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/job_runner.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
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
#include "storage/key_value.h"
#include "storage/object_store.h"

namespace trine::server {

// Members are public by intent: this is the object graph, built once, torn down in reverse. Layout of
// the directory: docs/formats/data_directory.md.
class Engines {
 public:
  // kInUse when another process serves the directory; kCorrupt names what is broken and what restores it;
  // kInvalid when the directory holds something else, or a format of a newer program.
  static Result<std::unique_ptr<Engines>> Open(const EngineOptions& options, const Clock& clock, Log& log,
                                               Metrics& metrics);
  ~Engines();
  // Waits for running jobs to stop, flushes indexes and checkpoints counters. Idempotent.
  Status Close();

  EngineOptions options;
  const Clock* clock = nullptr;
  std::unique_ptr<storage::Directory> root, models, derived;
  std::unique_ptr<storage::KeyValue> facts;
  std::unique_ptr<analysis::Analyzers> analyzers;
  std::unique_ptr<catalogue::Catalogue> catalogue;
  std::unique_ptr<catalogue::RecordStore> records;
  std::unique_ptr<index::IndexSet> indexes;
  std::unique_ptr<operations::Writer> writer;
  std::unique_ptr<history::History> history;
  std::unique_ptr<recommend::ResourceStore> resources;
  std::unique_ptr<recommend::Recommender> recommender;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<storage::ObjectStores> objects;
  std::unique_ptr<JobRunner> runner;
  std::unique_ptr<operations::Jobs> jobs;
  std::unique_ptr<search::Searcher> searcher;
  std::unique_ptr<formation::PipelineStore> pipelines;
  std::unique_ptr<formation::SearchService> search;
  std::unique_ptr<language::LanguageModel> model;
  std::unique_ptr<formation::AskService> ask;

 private:
  Engines() = default;
  Status OpenStorage(Log& log);
  Status OpenSearchWing(Log& log, Metrics& metrics);
  Status OpenRecommendWing(Log& log, Metrics& metrics);
  Status OpenFormation(Log& log, Metrics& metrics);
  bool closed_ = false;
};

// The folder of the Korean dictionary: `given`, else beside the program or in the build tree; empty: none.
std::string FindKoreanDictionary(const std::string& given, const std::string& program);

}  // namespace trine::server
