// The Model Context Protocol over streamable HTTP, at /mcp: search, recommend, ask and explain as tools.
// Versions 2025-03-26 and 2025-06-18, without sessions and without streams from the server.
#pragma once

#include <functional>

#include "base/result.h"
#include "net/http.h"

namespace trine::api::mcp {

struct Dependencies {
  // Handles a request of another API with the rights of its caller, as if it had been sent to this server.
  // The request must exist until its response was made, which may have to wait.
  std::function<net::Response(const net::Request&)> forward;
  // Whether pages of this origin may call. Every other origin is refused, because a page could otherwise
  // reach the server through DNS rebinding.
  std::function<bool(std::string_view origin)> allows_origin;
};

// Thread-safe.
class Api {
 public:
  explicit Api(Dependencies deps);

  static bool Owns(const net::Request& head);  // whether the path is /mcp
  static net::RequestPlan Plan(const net::Request& head);
  // Requires Owns(request) and a caller who was admitted. A failing tool is a result with isError; a wrong
  // message is an error of JSON-RPC.
  net::Response Handle(const net::Request& request) const;

 private:
  const Dependencies deps_;
};

// An error of JSON-RPC without an id. If `status` is 0, the error's kind determines the status.
net::Response ErrorResponse(const Error& error, int status = 0);

}  // namespace trine::api::mcp
