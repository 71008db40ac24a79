// Cursors that combine cursors: all of, some of, and not.
#pragma once

#include <utility>
#include <vector>

#include "search/cursor/cursor.h"

namespace trine::search {

// Rows that all of `scoring` and `filters` have. The score is the sum of `scoring`, added in double and
// rounded once, as Lucene's ConjunctionScorer does. At least one cursor, none of them nullptr.
CursorPtr AllOf(std::vector<CursorPtr> scoring, std::vector<CursorPtr> filters);

// How the scores of the cursors that stand on a row become one.
enum class Join {
  kSum,   // added in double, rounded once
  kBest,  // the largest, plus the others times tie_breaker
};
// Rows that at least `at_least` (>= 1) of the cursors have. nullptr cursors have no rows.
CursorPtr AnyOf(std::vector<CursorPtr> cursors, Join join, float tie_breaker, int at_least);

// Rows of `required` that `excluded` lacks; scores of `required`.
CursorPtr AndNot(CursorPtr required, CursorPtr excluded);

// Rows of `required`; where `optional` stands on the row too, its score is added in float32.
CursorPtr AndMaybe(CursorPtr required, CursorPtr optional);

}  // namespace trine::search
