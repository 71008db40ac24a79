// Router: the table of OpenSearch's routes, and the lookup in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/opensearch/handlers/handlers.h"
#include "net/http.h"

namespace trine::api::opensearch {

// One line of the table. `methods` "GET|HEAD"; `pattern` "/{index}/_doc/{id}"; `parameters` the query
// parameters it knows, besides the common ones, separated by spaces. A row
// without a handler is a route of OpenSearch that is not implemented.
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
  std::string allowed;  // methods of the path when only the method is wrong: "DELETE, GET"
};
// Finds the route for a method and the decoded segments of a path. A literal segment wins over a variable.
// Thread-safe.
RouteMatch FindRoute(std::string_view method, const std::vector<std::string>& parts);

// Whether a parameter is known to a route. "context.*" in the table stands for every name with that head.
bool KnowsParameter(const Route& route, std::string_view name);

}  // namespace trine::api::opensearch
