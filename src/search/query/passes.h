// Passes: named simplifications of a clause. Each preserves the rows that match and, to the last bit, their
// scores. They follow the rewrites of Lucene 10's BooleanQuery and DisjunctionMaxQuery, because the shape of
// the tree decides which sums are rounded to float32: two nested disjunctions are one sum in double, a
// boosted one is not.
#pragma once

#include <string>
#include <vector>

#include "search/query/clause.h"

namespace trine::search {

// One application of a pass, for printing: `flatten: before -> after`.
using PassTrace = std::vector<std::string>;

// Runs all passes bottom-up until nothing changes. Pass `scoring` false when scores are not needed: more
// simplifications are allowed then. `trace` can be nullptr.
ClausePtr Rewrite(const ClausePtr& clause, bool scoring, PassTrace* trace);

// The passes on one boolean clause, in the order in which they run. Each requires that the child clauses are
// already rewritten, and returns nullptr when it changes nothing. In the examples, + is must, # is filter and
// - is must_not.
ClausePtr UnwrapSingle(const BooleanClause& c);          // (a) is a; (#a) is constant(a)^0
ClausePtr DropEmptyClauses(const BooleanClause& c);      // removes clauses that match nothing
ClausePtr DropDuplicateFilters(const BooleanClause& c);  // removes repeated filter and must_not clauses
ClausePtr FindContradiction(const BooleanClause& c);     // a clause both required and excluded: no rows
ClausePtr DropRedundantFilters(const BooleanClause& c);  // removes filters that are also a must, or match all
ClausePtr RequireFilteredShould(const BooleanClause& c);  // a filter that is also a should is a must
ClausePtr MergeDuplicates(const BooleanClause& c);        // a a is a^2
ClausePtr ConstantFromMatchAll(const BooleanClause& c);   // (+* #a) is constant(a)
ClausePtr FlattenDisjunctions(const BooleanClause& c);    // ((a b) c) is (a b c)
ClausePtr InlineRequired(const BooleanClause& c);         // (+(+a #b) +c) is (+a #b +c)
ClausePtr RequireAllShould(const BooleanClause& c);       // (a b)~2 is (+a +b)
ClausePtr InlineSingleMust(const BooleanClause& c);       // (+(a b) #c) is (a b #c)~1

}  // namespace trine::search
