// The OpenSearch API: converts REST paths and JSON bodies to and from the domain's types.
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

// Everything the API calls into. All referenced objects outlive the Api.
struct Dependencies {
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

struct Services;

// The API with its open scrolls. Thread-safe. Answers every path that no other API owns: an unknown path gets
// OpenSearch's 400 "no handler found" error, a known one that is not implemented a 400 that names it.
class Api {
 public:
  explicit Api(Dependencies deps);
  ~Api();

  // Requires a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request);
  // Pool, access and body limit of a request, by its method and path alone.
  net::RequestPlan Plan(const net::Request& head) const;

 private:
  const std::unique_ptr<Services> services_;
};

// An Error in OpenSearch's format; also for refusals by the HTTP server (`status` != 0 replaces the status
// that belongs to the error).
net::Response ErrorResponse(const Error& error, int status = 0);

}  // namespace trine::api::opensearch
