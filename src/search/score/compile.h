// Compile: joins a rewritten clause with a collection's statistics into a plan.
#pragma once

#include "base/result.h"
#include "search/query/clause.h"
#include "search/score/plan.h"
#include "search/score/statistics.h"

namespace trine::search {

// Pass `scoring` = false for filters and counts. Nearest neighbours are found during compilation; if the
// deadline of `context` passes, the plan contains only the neighbours found until then. `statistics` is used
// only during the call, but its reader must outlive the plan. Requires `clause` != nullptr.
Result<PlanPtr> Compile(const ClausePtr& clause, CollectionStatistics& statistics, bool scoring,
                        QueryContext& context);

}  // namespace trine::search
