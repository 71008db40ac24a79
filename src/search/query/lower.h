// Lower: a query, by a collection's schema, becomes a clause: text is analysed, values are parsed into
// the field's type, field patterns are expanded.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "search/query/clause.h"
#include "search/query/query.h"
#include "search/query/schema.h"

namespace trine::search {

struct Lowered {
  ClausePtr clause;
  // Every named query below (and the top one), with its own clause, for telling which of them a row
  // matches.
  std::vector<std::pair<std::string, ClausePtr>> named;
};

// Requires that Check passed. nullptr lowers to all rows. With `where` = field path: kFieldType,
// kInvalidQuery, kDateSyntax, kVectorDimension, or kTooManyClauses when expansion grows too large.
Result<Lowered> Lower(const QueryPtr& query, const Schema& schema);

}  // namespace trine::search
