// Router: the table of OpenSearch's routes, and lookups in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/opensearch/handlers/handlers.h"
#include "net/http.h"

namespace trine::api::opensearch {

// One row of the table: `methods` such as "GET|HEAD", a `pattern` such as "/{index}/_doc/{id}", and the
// space-separated query `parameters` that it accepts besides the common ones. A row without a handler is a
// route of OpenSearch that is not implemented.
struct Route {
  std::string_view methods, pattern;
  Handler handler;
  net::RequestPlan plan;
  std::string_view parameters;
};
const std::vector<Route>& Routes();

struct RouteMatch {
  const Route* route = nullptr;  // nullptr: no route for this path and method
  Call::Pairs variables;
  std::string allowed;  // the path's methods if only the method is wrong: "DELETE, GET"
};
// Finds the route for a method and the decoded segments of a path. A literal segment wins over a variable.
// Thread-safe.
RouteMatch FindRoute(std::string_view method, const std::vector<std::string>& parts);

// Whether a route accepts a parameter. "context.*" in the table stands for every name with that prefix.
bool KnowsParameter(const Route& route, std::string_view name);

}  // namespace trine::api::opensearch
