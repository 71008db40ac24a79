// The processing of one request from its last byte received to the first byte sent: decompression, hashing,
// the handler, compression, framing. Runs on pool threads and does not touch sockets.
#pragma once

#include <functional>
#include <string>

#include "net/server_state.h"

namespace trine::net {

// Decompresses and hashes the body in place and adds its growth to `charge`, calls the service's handler, and
// compresses the response when the client accepts gzip. A body that is invalid or too large, and a handler
// that throws, lead to the service's rejection. Records the metrics of the request's class.
Response AnswerRequest(ServerState& state, Request& request, BodyCharge& charge);

// Returns the service's rejection of a request and counts and logs it. Status 0 leaves the status to the
// service.
Response RefuseRequest(ServerState& state, const Request& head, int status, const Error& error);

// A response as bytes. With `streams`, the body follows in pieces, chunked unless the client speaks HTTP/1.0.
struct FramedResponse {
  std::string head;
  std::string body;  // empty for HEAD, with `streams`, and when it is small: then it is part of `head`
  bool keep_alive = true;
  bool streams = false;
  bool chunked = false;
};
// Moves the body out of `response` and leaves its stream there. `can_keep_alive` is whether the request and
// the state of the connection allow another request; a draining server never does.
FramedResponse FrameResponse(const ServerState& state, const Request& request, Response* response,
                             bool can_keep_alive);

// Writes a streamed body with `stream`. Returns false, and logs why, when that fails or throws.
bool RunStream(ServerState& state, const Request& request, const std::function<Status(BodyWriter&)>& stream,
               BodyWriter& writer);

}  // namespace trine::net
