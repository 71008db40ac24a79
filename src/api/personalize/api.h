// The Amazon Personalize API: control plane (AWS JSON 1.1), runtime and events (REST-JSON).
#pragma once

#include <cstdint>
#include <string>

#include "api/personalize/dependencies.h"
#include "api/personalize/id_maker.h"
#include "base/result.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::personalize {

enum class Endpoint : uint8_t;

// Thread-safe.
class Api {
 public:
  explicit Api(Dependencies deps);

  // Whether this is a POST to / with an X-Amz-Target header, or to a path of the runtime or events endpoint
  // (/recommendations, /personalize-ranking, /events, /items, /users ...).
  static bool Owns(const net::Request& head);
  // Returns a request's pool, access and body limit, from its path alone.
  net::RequestPlan Plan(const net::Request& head) const;
  // Requires Owns(request) and a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request);

 private:
  Result<format::Json> Answer(const net::Request& request, Endpoint endpoint);

  const Dependencies deps_;
  IdMaker ids_;
};

// An error as Personalize clients expect it: __type, x-amzn-errortype, message and request id. If `status` is
// 0, the error determines the status; the HTTP server passes a status for requests that it rejects.
net::Response ErrorResponse(const Error& error, const std::string& request_id, int status = 0);

}  // namespace trine::api::personalize
