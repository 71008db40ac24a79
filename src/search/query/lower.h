// Lower: translates a query into a clause, using the schema of one collection: analyses text, parses values
// into the types of their fields, and expands field patterns.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "search/query/clause.h"
#include "search/query/query.h"
#include "search/query/schema.h"

namespace trine::search {

struct LoweredQuery {
  ClausePtr clause;
  // Every named query in the tree with its own clause. These clauses run again to find which of them a row
  // matches.
  std::vector<std::pair<std::string, ClausePtr>> named;
};

// Requires a query that passed Check. nullptr lowers to all rows. Fails with kFieldType, kInvalidQuery,
// kDateSyntax, kInvalid (time zone), kZeroVector, kVectorDimension, or with kTooManyClauses if expansion
// exceeds limits::kMaxClauses. The error's `where` is the path of the field that caused it, if any.
Result<LoweredQuery> Lower(const QueryPtr& query, const Schema& schema);

}  // namespace trine::search
