// The OpenSearch API: converts REST paths and JSON bodies to and from the domain's types.
#pragma once

#include <memory>

#include "api/opensearch/handlers/dependencies.h"
#include "net/http.h"

namespace trine::api::opensearch {

struct Services;

// The API with its open scrolls. Thread-safe. Answers every path that no other API owns: an unknown path with
// OpenSearch's 400 "no handler found" error, an unimplemented OpenSearch path with a 400 that names it.
class Api {
 public:
  explicit Api(Dependencies deps);
  ~Api();

  // Requires a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request);
  // Returns a request's pool, access and body limit, from its method and path alone.
  net::RequestPlan Plan(const net::Request& head) const;

 private:
  const std::unique_ptr<Services> services_;
};

}  // namespace trine::api::opensearch
