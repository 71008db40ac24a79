// SearchService: runs one search over collections: retrieval, fusion, personal re-ranking, paging and
// fetching the records. A ledger records the rank and score of each hit after every step.
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
// A position in one list. Ranks start at 1; 0: not in the list.
struct RankAndScore {
  uint32_t rank = 0;
  double score = 0;
};
// The rank and score of one hit after each step of a search.
struct Ledger {
  std::vector<RankAndScore> clauses;  // one per clause of a hybrid query, in order; otherwise one
  std::optional<RankAndScore> fused, personal;
  RankAndScore final;
  std::vector<recommend::Cause> because;  // the causes of `personal`
};
// A hit in the answer, with its record.
struct RankedHit {
  search::Hit hit;                          // final score
  std::optional<catalogue::Record> record;  // nullopt: not requested
  catalogue::CollectionPtr collection;
  Ledger ledger;  // filled if requested
};
struct SearchCall {
  std::vector<catalogue::CollectionPtr> collections;
  std::vector<search::QueryPtr> alias_filters;  // one per collection (nullptr: none), or empty
  search::SearchRequest request;
  // The name of the pipeline. nullopt: the default pipeline, if all collections have the same one; empty:
  // none. An unknown name is an error.
  std::optional<std::string> pipeline;
  std::shared_ptr<const SearchPipeline> inline_pipeline;
  std::optional<Person> person;
  bool fetch_records = true;
  bool ledger = false;
};
// The documents of one collection that an answer lacks, because stored data is damaged.
struct PartFailure {
  catalogue::CollectionPtr collection;
  std::string what;  // names the documents or files, in sentences without a full stop
};
struct SearchAnswer {
  std::vector<RankedHit> hits;  // the page, without the hits whose records cannot be read
  uint64_t total = 0;
  bool total_is_lower_bound = false;
  std::optional<float> max_score;
  bool timed_out = false, terminated_early = false;
  std::vector<std::string> notes;  // ignored failures and notes of the recommender
  std::vector<std::string> plan;
  std::vector<PartFailure> failures;  // at most one per collection
  catalogue::AnswerRoom room;         // of the records
};

// The collections whose readers leave out the rows of damaged files.
std::vector<PartFailure> FailuresOf(const std::vector<search::Target>& targets);
// Reads the records of the hits that have none, in the versions that the search found. Removes the hits whose
// records cannot be read, and names them in `failures`. The caller holds the readers of the search, so that
// no record is removed as superseded. Fails with the errors of catalogue::AnswerRoom if they do not fit.
Status FetchRecords(const catalogue::RecordStore& records, SearchAnswer* answer);

// Finds the serving configuration of a campaign or recommender by its resource path. Fails with kNotFound;
// with kInUse if the resource is still being created or its creation failed; with kCorrupt if its stored
// definition cannot be decoded. Thread-safe; `resources` outlives it.
class ServedLookup {
 public:
  ServedLookup(const recommend::ResourceStore& resources) : resources_(resources) {}
  Result<recommend::ServingConfig> Campaign(std::string_view path) const;
  Result<recommend::ServingConfig> Recommender(std::string_view path) const;

 private:
  const recommend::ResourceStore& resources_;
};

// The services and stores that a search uses. All of them outlive the SearchService.
struct SearchDependencies {
  const search::Searcher& searcher;
  const index::IndexSet& indexes;
  const catalogue::RecordStore& records;
  const PipelineStore& pipelines;
  const recommend::ResourceStore& resources;
  recommend::Recommender& recommender;
  const Clock& clock;
  Metrics& metrics;
  MemoryBudget* memory = nullptr;  // bounds the records of answers; nullptr: unbounded
};

// Thread-safe: its state never changes, and it holds no lock.
class SearchService {
 public:
  explicit SearchService(const SearchDependencies& deps);

  // Fails with the errors of search::Searcher. Also fails if the pipeline is unknown, or if a re-ranker gets
  // no user id, finds no item ids, or uses a campaign that is missing or not active. A re-ranker with
  // `ignore_failure` never fails the search: its error is added to `notes`. Fails with the errors of
  // catalogue::AnswerRoom if the records of the page do not fit.
  Result<SearchAnswer> Search(const SearchCall& call, const Deadline& deadline) const;

 private:
  const SearchDependencies deps_;
  Histogram& search_seconds_;
};

}  // namespace trine::formation
