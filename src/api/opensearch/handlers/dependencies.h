// Dependencies: the objects of lower floors that the OpenSearch API uses.
#pragma once

#include <functional>
#include <string>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/health.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/pipeline.h"
#include "formation/search_service.h"
#include "index/index_set.h"
#include "operations/write/writer.h"
#include "search/search.h"

namespace trine {
class MemoryBudget;
}  // namespace trine

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
  std::function<HealthLevel()> health = {};  // empty: always kOk
  MemoryBudget* memory = nullptr;            // bounds the records of answers; nullptr: unbounded
};

}  // namespace trine::api::opensearch
