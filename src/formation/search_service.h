// SearchService: one search from collections to final hits: retrieval, fusion, personal re-ranking,
// the page, the records, and the ledger of what moved each hit.
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
struct RankAndScore {
  uint32_t rank = 0;
  double score = 0;
};  // rank 0: not there
struct Ledger {
  std::vector<RankAndScore> clauses;  // of a hybrid query, in its order (0 lexical, 1 vector by custom)
  std::optional<RankAndScore> fused, personal;
  RankAndScore final;
  std::vector<recommend::Cause> because;  // of the personal part
};
struct RankedHit {
  search::Hit hit;                          // final score
  std::optional<catalogue::Record> record;  // nullopt when not asked for
  catalogue::CollectionPtr collection;
  Ledger ledger;  // filled when asked for
};
struct SearchCall {
  std::vector<catalogue::CollectionPtr> collections;
  std::vector<search::QueryPtr> alias_filters;  // one per collection or empty
  search::SearchRequest request;
  // none: the collection's default pipeline; empty text: none at all ("_none"); else a name.
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
  std::vector<std::string> notes;  // what was skipped and why (ignored failures)
  std::vector<std::string> plan;
};

// Looks a campaign or recommender up by resource path: what serves it. kNotFound; kInUse (code
// "not_active") while it is being made.
class ServedLookup {
 public:
  ServedLookup(const recommend::ResourceStore& resources) : resources_(resources) {}
  Result<recommend::Served> Campaign(std::string_view path) const;
  Result<recommend::Served> Recommender(std::string_view path) const;

 private:
  const recommend::ResourceStore& resources_;
};

// Thread-safe.
class SearchService {
 public:
  virtual ~SearchService() = default;
  // Error codes of search::Searcher, and "pipeline" (unknown name), "person" (a re-rank needs a user
  // id), "item_id_field" (no hit has an id), "campaign".
  virtual Result<SearchAnswer> Search(const SearchCall& call, const Deadline& deadline) = 0;
};
std::unique_ptr<SearchService> NewSearchService(
    const search::Searcher& searcher, const index::IndexSet& indexes, const catalogue::RecordStore& records,
    const PipelineStore& pipelines, const recommend::ResourceStore& resources,
    recommend::Recommender& recommender, const Clock& clock, Metrics& metrics);

}  // namespace trine::formation
