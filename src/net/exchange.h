// Exchange: what happens to one request between its last byte in and its first byte out: unpacking,
// hashing, the handler, packing, framing. Runs on pool threads; no socket is known here.
#pragma once

#include <functional>
#include <string>

#include "net/server_state.h"

namespace trine::net {

// Unpacks and hashes the body in place, charging `charge` for growth, calls the service's handler and
// packs the answer when the client asked for gzip. A broken or too large body, and a handler that
// threw, become the service's refusal. Records the metrics of the plan's pool.
Response AnswerRequest(ServerState& state, Request& request, BodyCharge& charge);

// The service's refusal, counted and logged.
Response RefuseRequest(ServerState& state, const Request& head, int status, const Error& error);

// A response as bytes. With `streams` the body follows in pieces (chunked unless HTTP/1.0).
struct FramedResponse {
  std::string head;
  std::string body;  // empty when it was small and went into `head`, for HEAD, and when streams
  bool keep_alive = true;
  bool streams = false;
  bool chunked = false;
};
// Takes the body out of `response`, and leaves its stream there. `can_keep_alive` is what the request
// and the connection's state allow; draining forbids it.
FramedResponse FrameResponse(const ServerState& state, const Request& request, Response* response,
                             bool can_keep_alive);

// Runs a streamed body to its end and drops the function. False when it failed or threw.
bool RunStream(ServerState& state, const Request& request, const std::function<Status(BodyWriter&)>& stream,
               BodyWriter& writer);

}  // namespace trine::net
