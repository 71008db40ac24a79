// Passes: simplifications of a clause, each with a name, each leaving the rows that match and (to the
// last float) their scores as they were. They follow the rewrites of Lucene 10's BooleanQuery and
// DisjunctionMaxQuery, because which sums are rounded to float32 when depends on the shape: two nested
// disjunctions are one sum in double, a boosted one is not.
#pragma once

#include <string>
#include <vector>

#include "search/query/clause.h"

namespace trine::search {

// One application of a pass, for printing: `flatten: before -> after`.
using PassTrace = std::vector<std::string>;

// Runs every pass bottom-up until nothing changes. `scoring` false: scores are not needed, which
// allows more. `trace` may be nullptr.
ClausePtr Rewrite(const ClausePtr& clause, bool scoring, PassTrace* trace);

// The passes on one combination, in order. Each returns nullptr when it has nothing to do. The
// clauses below are already rewritten.
ClausePtr UnwrapSingle(const Combination& c);           // (a) is a; (#a) is constant(a)^0
ClausePtr DropDead(const Combination& c);               // clauses that match nothing
ClausePtr DropRepeated(const Combination& c);           // the same filter or must_not twice
ClausePtr FindContradiction(const Combination& c);      // required and excluded
ClausePtr DropFreeFilters(const Combination& c);        // a filter that must repeats, or that is all rows
ClausePtr RequireFilteredShould(const Combination& c);  // a filter that is also a should is a must
ClausePtr MergeDuplicates(const Combination& c);        // a a is a^2
ClausePtr FilterAll(const Combination& c);              // (+* #a) is constant(a)
ClausePtr FlattenDisjunctions(const Combination& c);    // ((a b) c) is (a b c)
ClausePtr InlineRequired(const Combination& c);         // (+(+a #b) +c) is (+a #b +c)
ClausePtr RequireAllShould(const Combination& c);       // (a b)~2 is (+a +b)
ClausePtr InlineOnlyMust(const Combination& c);         // (+(a b) #c) is (a b #c)~1

}  // namespace trine::search
