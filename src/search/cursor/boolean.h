// Cursors that combine other cursors: conjunction, disjunction and exclusion.
#pragma once

#include <utility>
#include <vector>

#include "search/cursor/cursor.h"

namespace trine::search {

// Returns the rows that all of `scoring` and `filters` match. The score is the sum of the scores of
// `scoring`, added in double and rounded once, as in Lucene's ConjunctionScorer. Requires at least one
// cursor. None can be nullptr.
CursorPtr Conjunction(std::vector<CursorPtr> scoring, std::vector<CursorPtr> filters);

// How the scores of the cursors that match a row are combined.
enum class DisjunctionScore {
  kSum,  // added in double, rounded once
  kMax,  // the largest, plus the others times tie_breaker
};
// Returns the rows that at least `at_least` of the cursors match. A cursor can be nullptr. Requires at_least
// >= 1.
CursorPtr Disjunction(std::vector<CursorPtr> cursors, DisjunctionScore score_mode, float tie_breaker,
                      int at_least);

// Returns the rows that `required` matches and `excluded` does not, with the scores of `required`. Either
// cursor can be nullptr.
CursorPtr AndNot(CursorPtr required, CursorPtr excluded);

// Returns the rows of `required`. If `optional` also matches a row, its score is added in float32. Either
// cursor can be nullptr.
CursorPtr AndMaybe(CursorPtr required, CursorPtr optional);

}  // namespace trine::search
