// Prepare: the steps from a query to a plan, for one target.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "search/collect/collect.h"
#include "search/query/lower.h"
#include "search/query/passes.h"
#include "search/score/compile.h"
#include "search/score/plan.h"
#include "search/target.h"

namespace trine::search {

// A plan with the clause that it was compiled from. The target must outlive it.
struct PreparedQuery {
  ClausePtr clause;  // rewritten
  std::vector<std::pair<std::string, ClausePtr>> named;
  PlanPtr plan;
};

// One target of one search. The target and the analyzers must outlive it. Not thread-safe.
class PreparedTarget {
 public:
  PreparedTarget(const Target& target, const analysis::Analyzers& analyzers, Millis now)
      : target_(target), schema_(*target.collection, analyzers, now), statistics_(*target.reader) {}

  const Target& target() const { return target_; }
  const Schema& schema() const { return schema_; }
  // Runs Lower, Rewrite and Compile. The alias filter of the target and `filters`, whose entries can be
  // nullptr, restrict the query without changing its scores.
  Result<PreparedQuery> Prepare(const QueryPtr& query, const std::vector<QueryPtr>& filters, bool scoring,
                                QueryContext& context);
  // Returns the names of the named queries that match a row.
  Result<std::vector<std::string>> MatchedNames(const PreparedQuery& query, const RowLocation& at,
                                                QueryContext& context);

 private:
  Result<PlanPtr> PlanOfName(const ClausePtr& clause, QueryContext& context);

  const Target& target_;
  const Schema schema_;
  CollectionStatistics statistics_;
  std::vector<std::pair<ClausePtr, PlanPtr>> named_plans_;  // compiled on first use
};

// Returns `query` restricted by `filters`. Entries that are nullptr are skipped; without filters, returns
// `query`.
QueryPtr Filtered(const QueryPtr& query, std::vector<QueryPtr> filters);
// Adds the common filter of a hybrid query, which can be nullptr, to a sub-query. The filter of a knn query
// limits the rows among which the nearest are chosen; around the query it would remove nearest rows without a
// replacement.
QueryPtr WithCommonFilter(const QueryPtr& query, const QueryPtr& filter);

}  // namespace trine::search
