// Prepare: the steps from a query to something that can be collected, for one target.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "search/collect/collect.h"
#include "search/query/lower.h"
#include "search/query/passes.h"
#include "search/score/plan.h"
#include "search/search.h"

namespace trine::search {

// A plan of one clause with what it was made from. The target outlives it.
struct PreparedQuery {
  ClausePtr clause;  // rewritten
  std::vector<std::pair<std::string, ClausePtr>> named;
  PlanPtr plan;
};

// One target of a search. Not thread-safe.
class PreparedTarget {
 public:
  PreparedTarget(const Target& target, const analysis::Analyzers& analyzers, Millis now)
      : target_(target), schema_(*target.collection, analyzers, now), statistics_(*target.reader) {}

  const Target& target() const { return target_; }
  const Schema& schema() const { return schema_; }
  // Lower, Rewrite, Compile. The target's alias filter and `filters` (nullptr entries are skipped)
  // restrict the query without touching its scores.
  Result<PreparedQuery> Prepare(const QueryPtr& query, const std::vector<QueryPtr>& filters, bool scoring,
                                Run& run);
  // Names of those named queries that match a row.
  Result<std::vector<std::string>> MatchedNames(const PreparedQuery& query, const RowPlace& at, Run& run);

 private:
  Result<PlanPtr> PlanOfName(const ClausePtr& clause, Run& run);

  const Target& target_;
  const Schema schema_;
  Statistics statistics_;
  std::vector<std::pair<ClausePtr, PlanPtr>> named_plans_;  // made when first asked for
};

// `query` with filters around it: itself when there are none.
QueryPtr Filtered(const QueryPtr& query, std::vector<QueryPtr> filters);

}  // namespace trine::search
