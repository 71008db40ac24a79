// Check: validates the counts, bounds and nesting of a query, independently of any collection.
#pragma once

#include "base/result.h"
#include "search/query/query.h"

namespace trine::search {

// Fails with kTooManyClauses (more than limits::kMaxClauses leaves), kTooManyTerms (a list longer than
// limits::kMaxTermsInList), kQueryBoost (negative or not finite), kHybridQuery (a hybrid inside another
// query, without sub-queries, or with more than limits::kMaxHybridClauses) or kInvalidQuery (nested too
// deeply, or a bound that is out of range). nullptr (match all) passes.
Status Check(const QueryPtr& query);

// Returns the hybrid at the top of `query`: the query itself, or the only clause of a bool (must or should)
// or of a dis_max, because such a wrapper changes nothing. Returns nullptr if there is no hybrid at the top.
const Hybrid* TopLevelHybrid(const Query& query);

}  // namespace trine::search
