// The handlers of the route table, grouped by the file that implements them.
#pragma once

#include "api/opensearch/handlers/services.h"
#include "api/opensearch/request/call.h"
#include "base/result.h"

namespace trine::api::opensearch {

// Handles the requests for a route. Thread-safe. An Error becomes the body that errors.h builds; a handler
// that needs another body returns an Answer with an error status.
using Handler = Result<Answer> (*)(Services& services, const Call& call);

// cluster.cc
Result<Answer> Banner(Services&, const Call&);
Result<Answer> ClusterHealth(Services&, const Call&);
// The health of the store as OpenSearch calls it: green, yellow (data is damaged) or red (writes are
// refused).
std::string HealthStatus(const Services& services);
// cat.cc
Result<Answer> CatIndices(Services&, const Call&);
Result<Answer> CatHealth(Services&, const Call&);
Result<Answer> CatCount(Services&, const Call&);
// indices.cc
Result<Answer> CreateIndex(Services&, const Call&);
Result<Answer> GetIndex(Services&, const Call&);
Result<Answer> IndexExists(Services&, const Call&);
Result<Answer> DeleteIndex(Services&, const Call&);
Result<Answer> GetMapping(Services&, const Call&);
Result<Answer> GetFieldMapping(Services&, const Call&);
Result<Answer> PutMapping(Services&, const Call&);
Result<Answer> GetSettings(Services&, const Call&);
Result<Answer> PutSettings(Services&, const Call&);
Result<Answer> RefreshIndex(Services&, const Call&);
Result<Answer> FlushIndex(Services&, const Call&);
// aliases.cc
Result<Answer> UpdateAliases(Services&, const Call&);
Result<Answer> GetAliases(Services&, const Call&);
Result<Answer> PutAlias(Services&, const Call&);
Result<Answer> DeleteAlias(Services&, const Call&);
// documents.cc
Result<Answer> IndexDocument(Services&, const Call&);
Result<Answer> CreateDocument(Services&, const Call&);
Result<Answer> GetDocument(Services&, const Call&);
Result<Answer> GetSource(Services&, const Call&);
Result<Answer> DeleteDocument(Services&, const Call&);
Result<Answer> UpdateDocument(Services&, const Call&);
Result<Answer> MultiGet(Services&, const Call&);
// bulk.cc
Result<Answer> Bulk(Services&, const Call&);
// search.cc
Result<Answer> Search(Services&, const Call&);
Result<Answer> Scroll(Services&, const Call&);
Result<Answer> ClearScroll(Services&, const Call&);
Result<Answer> Count(Services&, const Call&);
Result<Answer> Explain(Services&, const Call&);
Result<Answer> ValidateQuery(Services&, const Call&);
// pipelines.cc
Result<Answer> PutPipeline(Services&, const Call&);
Result<Answer> GetPipeline(Services&, const Call&);
Result<Answer> DeletePipeline(Services&, const Call&);
// analyze.cc
Result<Answer> Analyze(Services&, const Call&);

}  // namespace trine::api::opensearch
