// Searcher: runs a query over one or more collections' readers. Never writes; knows no users.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "index/reader.h"
#include "search/query/query.h"

namespace trine::search {

// What a search runs on: a collection's definition and a reader of it. Analyzers of the collection
// are built through `analyzers`.
struct Target {
  catalogue::CollectionPtr collection;
  index::IndexReaderPtr reader;
  QueryPtr alias_filter;  // nullptr: none
};

struct SortKey {
  // A column's values, the score, where the row lies (the cheapest order, and stable), the record's id.
  enum class By : uint8_t { kField, kScore, kPlace, kId } by = By::kField;
  std::string field;  // the column's path; of the others what errors shall call it
  bool descending = false;
  format::Json missing;  // "_last" (default), "_first", or a value
  enum class Mode { kDefault, kMin, kMax, kAvg, kSum } mode = Mode::kDefault;
  std::string unmapped_type;  // given: an unmapped field sorts as all missing
};
// Integer, double or text (booleans are 0/1, dates milliseconds). A row without a value has the lowest or
// highest number that puts it where `missing` says, and null for text, as the original does.
using SortValue = format::Json;

struct SearchRequest {
  QueryPtr query;  // nullptr: match all
  size_t from = 0;
  size_t size = 10;
  std::vector<SortKey> sort;  // empty: by score
  std::vector<SortValue> search_after;
  int64_t track_total_hits = 10000;  // -1: exact; 0: not at all
  std::optional<float> min_score;
  QueryPtr post_filter;
  bool explain = false;
  bool track_scores = false;
  size_t terminate_after = 0;
  size_t hybrid_window = 0;  // hits a hybrid clause keeps; 0: the collection's fusion window
};

struct Explanation {
  float value = 0;
  std::string description;
  std::vector<Explanation> details;
  bool match = true;
};

struct Hit {
  size_t target = 0;  // index into the targets
  uint32_t segment = 0;
  Row row = 0;
  SeqNo seq_no;
  std::string id;
  float score = 0;  // NaN when sorted by fields without track_scores
  std::vector<SortValue> sort;
  std::vector<std::string> matched_queries;
  std::shared_ptr<const Explanation> explanation;
  // Hybrid only: per sub-query rank (from 1; 0: not in that list) and raw score, and the label of
  // a ScoredIds clause; what the ledger is made of.
  struct Clause {
    uint32_t rank = 0;
    float score = 0;
  };
  std::vector<Clause> clauses;
};

struct SearchResult {
  std::vector<Hit> hits;  // non-hybrid: the page. Hybrid: see below
  uint64_t total = 0;
  bool total_is_lower_bound = false;
  std::optional<float> max_score;  // nullopt prints as null
  bool timed_out = false;
  bool terminated_early = false;
  // Hybrid: one list per sub-query, score descending then target, segment, row; not yet fused.
  bool hybrid = false;
  std::vector<std::vector<Hit>> lists;
  // With `explain`: one line per target, the rewritten query's text.
  std::vector<std::string> plan;
};

// Thread-safe; holds no state of a search.
class Searcher {
 public:
  // Both outlive it. The clock is what "now" in date formulas reads.
  explicit Searcher(const analysis::Analyzers& analyzers, const Clock& clock = SystemClock())
      : analyzers_(analyzers), clock_(clock) {}
  // Steps: Check, Lower, Rewrite, Compile, Collect (see README.md).
  // An error of kind kInvalid with `where` says what is wrong (kInvalidQuery, kFieldType, kResultWindow,
  // kTooManyClauses, kVectorDimension ...); kTimeout only when nothing could be collected.
  Result<SearchResult> Search(const std::vector<Target>& targets, const SearchRequest& request,
                              const Deadline& deadline) const;
  // Rows that match, exact.
  Result<uint64_t> Count(const std::vector<Target>& targets, const QueryPtr& query,
                         const Deadline& deadline) const;
  // Of one document.
  Result<Explanation> Explain(const Target& target, const QueryPtr& query, std::string_view id,
                              const Deadline& deadline) const;
  // Checks without running: the rewritten query's text.
  Result<std::string> Validate(const Target& target, const QueryPtr& query) const;

 private:
  const analysis::Analyzers& analyzers_;
  const Clock& clock_;
};

}  // namespace trine::search
