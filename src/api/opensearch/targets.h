// Resolves the index expression of a request to collections.
#pragma once

#include <string>
#include <vector>

#include "api/opensearch/handlers.h"
#include "catalogue/catalogue.h"
#include "search/query/query.h"

namespace trine::api::opensearch {

using Collections = std::vector<catalogue::CollectionPtr>;

// By the path variable `index` (none: all), with ignore_unavailable, allow_no_indices and
// expand_wildcards. A wildcard that matches nothing gives an empty list.
Result<Collections> ResolveIndices(Services& services, const Call& call);
// One concrete collection or an alias of one; "index_expression" errors are the caller's to shape.
Result<catalogue::CollectionPtr> ResolveOneIndex(Services& services, const Call& call);

// The filters of aliases through which the expression reaches each collection: nullptr where it is
// named itself or by an alias without a filter; several filters are alternatives.
Result<std::vector<search::QueryPtr>> AliasFilters(const Collections& collections,
                                                   const std::string& expression);

// {"total": n, "successful": n, "skipped": 0, "failed": 0}: one shard per collection.
format::Json ShardsOf(size_t collections);

}  // namespace trine::api::opensearch
