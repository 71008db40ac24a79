// The native API: JSON under /_trine/. docs/api.md describes it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/native/resource_path.h"
#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "formation/ask.h"
#include "history/history.h"
#include "net/http.h"
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

// Thread-safe.
class Api {
 public:
  explicit Api(Dependencies deps);

  // Whether the path begins with /_trine/.
  static bool Owns(const net::Request& head);
  // Returns a request's pool, access and body limit, from its path alone. For a path without an endpoint,
  // returns the default plan; Handle then answers 404.
  net::RequestPlan Plan(const net::Request& head) const;
  // Requires Owns(request) and a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request) const;

 private:
  const Dependencies deps_;
};

// {"error": {"kind", "message", "expected", "got", "where"}}. If `status` is 0, the error's kind determines
// the status; the HTTP server passes a status for requests that it rejects.
net::Response ErrorResponse(const Error& error, int status = 0);

}  // namespace trine::api::native
