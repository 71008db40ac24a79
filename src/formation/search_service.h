// SearchService: runs one search from collections to the final page: retrieval, fusion, personal re-ranking,
// the page, its records, and a ledger that says what moved each hit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/pipeline.h"
#include "index/index_set.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "search/search.h"

namespace trine::formation {

struct Person {
  std::string user_id;  // empty: none given
  recommend::Context context;
};
// A place in one list. rank 0: not in the list; else from 1.
struct RankAndScore {
  uint32_t rank = 0;
  double score = 0;
};
// Where one hit stood after each step of a search.
struct Ledger {
  std::vector<RankAndScore> clauses;  // per clause of a hybrid query, in its order; else the one query
  std::optional<RankAndScore> fused, personal;
  RankAndScore final;
  std::vector<recommend::Cause> because;  // of the personal part
};
// A hit of the answer, with its record.
struct RankedHit {
  search::Hit hit;                          // final score
  std::optional<catalogue::Record> record;  // nullopt when not requested
  catalogue::CollectionPtr collection;
  Ledger ledger;  // filled when requested
};
struct SearchCall {
  std::vector<catalogue::CollectionPtr> collections;
  std::vector<search::QueryPtr> alias_filters;  // one per collection (nullptr: none), or empty
  search::SearchRequest request;
  // nullopt: the default pipeline that all collections agree on; empty: no pipeline; else its name. A name
  // that does not exist is an error.
  std::optional<std::string> pipeline;
  std::shared_ptr<const SearchPipeline> inline_pipeline;
  std::optional<Person> person;
  bool fetch_records = true;
  bool ledger = false;
};
struct SearchAnswer {
  std::vector<RankedHit> hits;  // the page
  uint64_t total = 0;
  bool total_is_lower_bound = false;
  std::optional<float> max_score;
  bool timed_out = false, terminated_early = false;
  std::vector<std::string> notes;  // skipped steps with reasons (ignored failures)
  std::vector<std::string> plan;
};

// Finds the serving configuration of a campaign or recommender by its resource path. kNotFound; kInUse while
// the resource is being created or when its creation failed; kCorrupt when its stored definition cannot be
// read. Thread-safe; `resources` outlives it.
class ServedLookup {
 public:
  ServedLookup(const recommend::ResourceStore& resources) : resources_(resources) {}
  Result<recommend::ServingConfig> Campaign(std::string_view path) const;
  Result<recommend::ServingConfig> Recommender(std::string_view path) const;

 private:
  const recommend::ResourceStore& resources_;
};

// The services and stores of searches. All of them outlive the SearchService.
struct SearchDependencies {
  const search::Searcher& searcher;
  const index::IndexSet& indexes;
  const catalogue::RecordStore& records;
  const PipelineStore& pipelines;
  const recommend::ResourceStore& resources;
  recommend::Recommender& recommender;
  const Clock& clock;
  Metrics& metrics;
};

// Thread-safe; has no state that changes and holds no lock.
class SearchService {
 public:
  explicit SearchService(const SearchDependencies& deps);

  // The errors of search::Searcher, and those of an unknown pipeline, of a re-ranker without a user id, of
  // hits without item ids, and of a campaign that is missing or not active. A re-ranker with `ignore_failure`
  // fails no search: its error is in `notes`.
  Result<SearchAnswer> Search(const SearchCall& call, const Deadline& deadline) const;

 private:
  const SearchDependencies deps_;
  Histogram& search_seconds_;
};

}  // namespace trine::formation
