// minimum_should_match: how many optional clauses must match.
#pragma once

#include <string_view>

#include "base/result.h"

namespace trine::search {

// Reads "2", "-1", "75%", "-25%", "2<75%" and "2<-25% 9<-3" for a query of `optional` clauses: each
// conditional part "N<X" applies when there are more than N. The answer is >= 0 and may be above
// `optional` (then nothing matches). kInvalidQuery on any other text.
Result<int> MinimumShouldMatch(std::string_view spec, int optional);

}  // namespace trine::search
