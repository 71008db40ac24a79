// The OpenSearch wire: REST paths and JSON bodies to and from the domain's own types.
#pragma once

#include <memory>
#include <string>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/pipeline.h"
#include "formation/search_service.h"
#include "index/index_set.h"
#include "net/http.h"
#include "operations/write/writer.h"
#include "search/search.h"

namespace trine::api::opensearch {

// What the wire translates to; all outlive the Api.
struct Parts {
  const analysis::Analyzers& analyzers;
  catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  const index::IndexSet& indexes;
  const search::Searcher& searcher;
  operations::Writer& writer;
  formation::SearchService& search;
  formation::PipelineStore& pipelines;
  const Clock& clock;
  Log& log;
  std::string cluster_name = "docker-cluster";
  std::string node_name = "trine";
};

// Thread-safe. Answers every path that no other wire owns: what it does not know is the original's 400
// "no handler found" error; what is known and not built is a 400 that names it.
class Api {
 public:
  virtual ~Api() = default;
  virtual net::Response Handle(const net::Request& request) = 0;
  // By method and path alone.
  virtual net::RequestPlan Plan(const net::Request& head) const = 0;
};
std::unique_ptr<Api> NewApi(Parts parts);

// An error of ours in this wire's shape; also for refusals of the server itself (`status` != 0).
net::Response ErrorResponse(const Error& error, int status = 0);

}  // namespace trine::api::opensearch
