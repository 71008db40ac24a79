// The native wire: /_trine/..., JSON. docs/api.md describes it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "formation/ask.h"
#include "history/history.h"
#include "net/http.h"
#include "operations/jobs.h"
#include "operations/writer.h"
#include "recommend/recipe/resources.h"
#include "search/query/query.h"

namespace trine::api::native {

// What the wire translates to; all outlive the Api.
struct Parts {
  formation::AskService& ask;
  formation::SearchService& search;
  recommend::Recommender& recommender;
  recommend::ResourceStore& resources;
  history::History& history;
  catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  operations::Writer& writer;
  operations::Jobs& jobs;
  // Parses a filter in the search wire's query language; given by the composition, since wires never
  // include each other. Its error names the place.
  std::function<Result<search::QueryPtr>(const format::Json& query)> parse_query;
  // The resource path that an ARN means.
  std::function<std::string(std::string_view arn)> path_of_arn;
  std::function<std::string()> metrics_text;  // Prometheus text
  std::function<format::Json()> health;       // status and its parts
  const Clock& clock;
  Log& log;
};

// Thread-safe.
class Api {
 public:
  virtual ~Api() = default;
  virtual bool Owns(const net::Request& head) const = 0;  // /_trine/...
  virtual net::Response Handle(const net::Request& request) = 0;
  virtual net::RequestPlan Plan(const net::Request& head) const = 0;
};
std::unique_ptr<Api> NewApi(Parts parts);
net::Response ErrorResponse(const Error& error, int status = 0);

}  // namespace trine::api::native
