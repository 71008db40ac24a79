// Check: what can be said about a query without a collection: counts, bounds, nesting.
#pragma once

#include "base/result.h"
#include "search/query/query.h"

namespace trine::search {

// kInvalidQuery, kTooManyClauses (more than limits::kMaxClauses leaves), kTooManyTerms (a list longer
// than limits::kMaxTermsInList), kQueryBoost, kHybridQuery (not at the top, too many or no sub-queries).
// nullptr (match all) passes.
Status Check(const QueryPtr& query);

// The hybrid that a query is: itself, or alone in a bool's must or should or in a dis_max, which
// change nothing. nullptr: none at the top.
const Hybrid* TopLevelHybrid(const Query& query);

}  // namespace trine::search
