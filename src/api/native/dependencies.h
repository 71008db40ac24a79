// The services and stores that the native API calls.
#pragma once

#include <functional>
#include <string>

#include "api/native/resource_path.h"
#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "formation/ask.h"
#include "history/history.h"
#include "operations/jobs/jobs.h"
#include "operations/write/writer.h"
#include "recommend/recipe/resources.h"
#include "search/query/query.h"

namespace trine::api::native {

// Everything the API calls into. All referenced objects outlive the Api.
struct Dependencies {
  formation::AskService& ask;
  formation::SearchService& search;
  recommend::Recommender& recommender;
  recommend::ResourceStore& resources;
  history::History& history;
  catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  operations::Writer& writer;
  operations::Jobs& jobs;
  // Parses a filter in OpenSearch's query language. The parser is passed as a function, because APIs do not
  // include each other. An error contains the location in the filter.
  std::function<Result<search::QueryPtr>(const format::Json& query)> parse_query;
  ReadResourceName read_name;
  std::function<std::string()> metrics_text;  // Prometheus text
  std::function<format::Json()> health;       // the answer of GET /_trine/health
  const Clock& clock;
  Log& log;
  catalogue::DeclaredRoles& declared_roles;
  std::function<Status()> ready = {};  // why the server cannot do all its work; empty: it always can
};

}  // namespace trine::api::native
