// Resolves a request's index expression to collections.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/opensearch/handlers/services.h"
#include "api/opensearch/request/call.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "net/http.h"
#include "operations/write/write_op.h"
#include "search/query/query.h"

namespace trine::api::opensearch {

using Collections = std::vector<catalogue::CollectionPtr>;

// Resolves the path variable `index` (absent: all indices), with the parameters ignore_unavailable,
// allow_no_indices and expand_wildcards. A wildcard that matches nothing yields an empty list.
Result<Collections> ResolveIndices(Services& services, const Call& call);
// Returns those of the collections to which an index expression resolved that it names directly, and not
// through an alias that matches a wildcard. An alias by its full name is an error. For deletions: an alias
// does not say what would be deleted.
Result<Collections> NamedDirectly(Collections found, const std::string& expression);
// Resolves the name of a collection, or of an alias for exactly one collection. The caller builds the body of
// an error, because its resource type ("index_expression") differs between endpoints.
Result<catalogue::CollectionPtr> ResolveOneIndex(Services& services, const Call& call);

// Whether the caller may perform this write. The role `write` corresponds to the action group of that name in
// OpenSearch's security plugin: it contains indices:data/write* and indices:admin/mapping/put, so documents
// may extend a mapping, but not indices:admin/create. kForbidden if the write would create an index and the
// caller is not an administrator.
Status CheckMayWrite(const Services& services, const net::Caller& caller, const operations::WriteOp& op);

// Makes the answer to a write with refresh=wait_for wait until the documents of `outcomes` are
// searchable, or the request has no time left. Returns nullptr with another policy, and if nothing was
// written.
std::shared_ptr<const net::Wait> WaitForRefresh(Services& services, const Call& call,
                                                operations::RefreshPolicy refresh,
                                                const std::vector<operations::WriteOutcome>& outcomes);

// Returns, for each collection, the filter of the aliases through which the expression reaches it: nullptr if
// the collection is named directly or through an alias without a filter. Several filters are ORed.
Result<std::vector<search::QueryPtr>> AliasFilters(const Collections& collections,
                                                   const std::string& expression);

// {"total": n, "successful": n, "skipped": 0, "failed": 0}: one shard per collection.
format::Json ShardsOf(size_t collections);

}  // namespace trine::api::opensearch
