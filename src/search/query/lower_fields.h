// Functions that lower the queries on a single field. Private to lowering.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "search/query/clause.h"
#include "search/query/query.h"
#include "search/query/schema.h"

namespace trine::search {

// Each function in this file returns LowerUnmapped for an unmapped field, unless the field is "_id" or
// "_index" and the query is possible there: "_index" is the name of the collection and of its aliases.

// Whether the name is "_id" or "_index": every row has a value there, although no mapping contains the field.
bool IsNameOfRow(const std::string& field);
// Returns the field if it has values of its own: nullptr if it is not mapped or an object.
const catalogue::Field* FindLeaf(const Schema& schema, const std::string& path);
// Whether queries can find the values of the field, in the index or in its column.
bool IsSearchable(const catalogue::Field& field);

// Returns NoRows; fails with kUnsupported if `field` is a metadata field that exists in OpenSearch, because
// the rows that it would match are not known here.
Result<ClausePtr> LowerUnmapped(const std::string& field);

// These two functions analyse the text of the query if the field is a text field. For other fields, they use
// the whole text as a single value.
Result<ClausePtr> LowerMatch(const Match& match, const Schema& schema);
Result<ClausePtr> LowerPhrase(const MatchPhrase& phrase, const Schema& schema);

// kInvalidQuery for the empty id, which no record has.
Status CheckQueriedId(std::string_view id);

Result<ClausePtr> LowerTerm(const Term& term, const Schema& schema);
Result<ClausePtr> LowerTerms(const Terms& terms, const Schema& schema);
Result<ClausePtr> LowerRange(const Range& range, const Schema& schema);
Result<ClausePtr> LowerPrefix(const Prefix& prefix, const Schema& schema);
Result<ClausePtr> LowerExists(const Exists& exists, const Schema& schema);
Result<ClausePtr> LowerKnn(const Knn& knn, ClausePtr filter, const Schema& schema);

}  // namespace trine::search
