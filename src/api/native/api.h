// The native API: JSON under /_trine/. docs/api.md describes it.
#pragma once

#include "api/native/dependencies.h"
#include "api/native/error_response.h"
#include "net/http.h"

namespace trine::api::native {

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

}  // namespace trine::api::native
