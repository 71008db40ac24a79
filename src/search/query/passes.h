// Passes: named simplifications of a clause. Each preserves the rows that match and, to the last bit, their
// scores. They follow the rewrites of Lucene 10's BooleanQuery and DisjunctionMaxQuery, because the shape of
// the tree decides which sums are rounded to float32: the scores of a nested disjunction are added to the sum
// of its parent in double, but if the nested disjunction has a boost, its own sum is rounded first.
#pragma once

#include <string>
#include <vector>

#include "search/query/clause.h"

namespace trine::search {

// The applied passes, one line each: `merge_duplicates: before -> after`.
using PassTrace = std::vector<std::string>;

// Runs all passes bottom-up until nothing changes. Pass `scoring` = false if scores are not needed, which
// allows more simplifications. `trace` can be nullptr.
ClausePtr Rewrite(const ClausePtr& clause, bool scoring, PassTrace* trace);

// The passes on one boolean clause, in the order in which they run. Each requires that the child clauses are
// already rewritten, and returns nullptr if it changes nothing. In the examples, + is must, # is filter, no
// sign is should, * is match all, ^ is a boost, and ~ is the number of should clauses that must match.
ClausePtr UnwrapSingle(const BooleanClause& c);          // (a) becomes a; (#a) becomes constant(a)^0
ClausePtr DropEmptyClauses(const BooleanClause& c);      // removes clauses that match nothing
ClausePtr DropDuplicateFilters(const BooleanClause& c);  // removes repeated filter and must_not clauses
ClausePtr FindContradiction(const BooleanClause& c);     // no rows if a clause is both required and excluded
ClausePtr DropRedundantFilters(const BooleanClause& c);  // removes filters that are also a must, or match all
ClausePtr RequireFilteredShould(const BooleanClause& c);  // a filter that is also a should becomes a must
ClausePtr MergeDuplicates(const BooleanClause& c);        // (a a) becomes a^2
ClausePtr ConstantFromMatchAll(const BooleanClause& c);   // (+* #a) becomes constant(a)
ClausePtr FlattenDisjunctions(const BooleanClause& c);    // ((a b) c) becomes (a b c)
ClausePtr InlineRequired(const BooleanClause& c);         // (+(+a #b) +c) becomes (+a #b +c)
ClausePtr RequireAllShould(const BooleanClause& c);       // (a b)~2 becomes (+a +b)
ClausePtr InlineSingleMust(const BooleanClause& c);       // (+(a b) #c) becomes (a b #c)~1

}  // namespace trine::search
