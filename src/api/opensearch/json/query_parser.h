// Parses the query DSL into the query tree of the search floor.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "search/query/query.h"

namespace trine::api::opensearch {

// Parses a query object ({"match": {...}}). Fails with kQuerySyntax, kUnknownQuery, or kUnsupported if
// OpenSearch has the query or option but this engine does not; `where` is the path in the body. No member is
// silently ignored. Thread-safe.
Result<search::QueryPtr> ParseQuery(const format::Json& query, std::string_view where = "query");

}  // namespace trine::api::opensearch
