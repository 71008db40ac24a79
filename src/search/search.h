// Searcher: runs queries over the readers of one or more collections. It never writes, and depends on neither
// users nor wire formats.
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
#include "search/collect/sort_key.h"
#include "search/query/query.h"
#include "search/score/explanation.h"
#include "search/target.h"

namespace trine::search {

struct SearchRequest {
  QueryPtr query;  // nullptr: match all
  size_t from = 0;
  size_t size = 10;
  std::vector<SortKey> sort;            // empty: by score
  std::vector<SortValue> search_after;  // sort values of the hit to start after; empty: from the start
  int64_t track_total_hits = 10000;     // count up to this number; -1: exactly; 0: do not count
  std::optional<float> min_score;
  QueryPtr post_filter;  // nullptr: none
  bool explain = false;
  bool track_scores = false;
  size_t terminate_after = 0;  // rows to read per target; 0: all
  size_t hybrid_window =
      0;  // hits that each sub-query of a hybrid keeps; 0: the fusion window of the collection
};

struct Hit {
  size_t target = 0;  // index into the targets
  uint32_t segment = 0;
  Row row = 0;
  SeqNo seq_no;
  std::string id;
  float score = 0;  // NaN if sorted by fields without track_scores
  std::vector<SortValue> sort;
  std::vector<std::string> matched_queries;
  std::shared_ptr<const Explanation> explanation;
  // The rank of the hit in the list of one sub-query (from 1; 0: not in the list) and its raw score there.
  // `clauses` has one entry per sub-query; only Fuse (fuse.h) sets it.
  struct Clause {
    uint32_t rank = 0;
    float score = 0;
  };
  std::vector<Clause> clauses;
};

struct SearchResult {
  std::vector<Hit> hits;  // the page; empty if `hybrid`: the hits are then in `lists`
  uint64_t total = 0;
  bool total_is_lower_bound = false;
  std::optional<float> max_score;  // nullopt: no hits, or scores were not computed
  bool timed_out = false;
  bool terminated_early = false;
  // True for a hybrid query, unless it is sorted by fields. `lists` then contains one list per sub-query, by
  // descending score, then target, segment and row. Fuse (fuse.h) merges the lists.
  bool hybrid = false;
  std::vector<std::vector<Hit>> lists;
  // With `explain`: the text of the rewritten query, one line per target (and sub-query).
  std::vector<std::string> plan;
};

// Thread-safe: it holds no per-search state.
class Searcher {
 public:
  // `analyzers` and `clock` must outlive the searcher. `clock` provides the "now" of date math.
  explicit Searcher(const analysis::Analyzers& analyzers, const Clock& clock = SystemClock())
      : analyzers_(analyzers), clock_(clock) {}
  // Runs Check, Lower, Rewrite, Compile and Collect (see README.md). Fails with kInvalidQuery, kFieldType,
  // kUnmappedSortField, kResultWindow, kTooManyClauses, kVectorDimension or another search error
  // (base/error_code.h); the error's `where` is the field or option that caused it, if any. If the deadline
  // passes, returns the hits found so far and sets timed_out, or fails with kTimeout if there are none.
  Result<SearchResult> Search(const std::vector<Target>& targets, const SearchRequest& request,
                              const Deadline& deadline) const;
  // Returns the exact number of matching records. Fails with kTimeout if the deadline passes.
  Result<uint64_t> Count(const std::vector<Target>& targets, const QueryPtr& query,
                         const Deadline& deadline) const;
  // Explains the score of one record. Fails with kDocumentMissing if no record has this id.
  Result<Explanation> Explain(const Target& target, const QueryPtr& query, std::string_view id,
                              const Deadline& deadline) const;
  // Checks a query without running it. Returns the text of the rewritten query.
  Result<std::string> Validate(const Target& target, const QueryPtr& query) const;

 private:
  const analysis::Analyzers& analyzers_;
  const Clock& clock_;
};

}  // namespace trine::search
