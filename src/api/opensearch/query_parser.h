// The query DSL to the search wing's own tree.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "search/query/query.h"

namespace trine::api::opensearch {

// A query object ({"match": {...}}). kQuerySyntax (wrong form), kUnknownQuery, or
// kUnsupported (the language knows it, the engine does not yet); `where` = the path in the body.
// Nothing is silently ignored. Thread-safe.
Result<search::QueryPtr> ParseQuery(const format::Json& query, std::string_view where = "query");

}  // namespace trine::api::opensearch
