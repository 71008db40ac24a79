// Functions that lower the queries on a single field. Private to lowering.
#pragma once

#include "base/result.h"
#include "search/query/clause.h"
#include "search/query/query.h"
#include "search/query/schema.h"

namespace trine::search {

// Each function in this file returns NoRows for an unmapped field.

// These two functions analyse the text of the query if the field is a text field. For other fields, they use
// the whole text as a single value.
Result<ClausePtr> LowerMatch(const Match& match, const Schema& schema);
Result<ClausePtr> LowerPhrase(const MatchPhrase& phrase, const Schema& schema);

Result<ClausePtr> LowerTerm(const Term& term, const Schema& schema);
Result<ClausePtr> LowerTerms(const Terms& terms, const Schema& schema);
Result<ClausePtr> LowerRange(const Range& range, const Schema& schema);
Result<ClausePtr> LowerPrefix(const Prefix& prefix, const Schema& schema);
Result<ClausePtr> LowerExists(const Exists& exists, const Schema& schema);
Result<ClausePtr> LowerKnn(const Knn& knn, ClausePtr filter, const Schema& schema);

}  // namespace trine::search
