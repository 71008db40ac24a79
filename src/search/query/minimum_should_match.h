// MinimumShouldMatch: parses the number of optional clauses that must match.
#pragma once

#include <string_view>

#include "base/result.h"

namespace trine::search {

// Parses "2", "-1", "75%", "-25%", "2<75%" and "2<-25% 9<-3" for a query with `optional` clauses. A
// conditional part "N<X" applies if there are more than N clauses. The result is >= 0 and can exceed
// `optional`; the query then matches nothing. Fails with kInvalidQuery on any other text.
Result<int> MinimumShouldMatch(std::string_view spec, int optional);

}  // namespace trine::search
