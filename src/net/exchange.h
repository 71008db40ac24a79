// Processes one request, from its last received byte to its first sent byte: decompression, hashing,
// the handler, compression, framing. Runs on pool threads and does not touch sockets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/server_state.h"

namespace trine::net {

// The memory of one request until its response is made. Owned by its connection. Not thread-safe.
struct RequestMemory {
  MemoryHold body;
  MemoryQueue::Share handling;  // an estimate of what the handler makes from the body
  void Release() {
    body.Release();
    handling.Release();
  }
};

// The reason to reject a request. With status 0, the service chooses the status.
struct Refusal {
  int status;
  Error error;
};

// Decides by its head whether a request may send its body: makes its plan, lets the service admit a large
// body, and looks whether there is memory for one of `length` bytes (nullopt: unknown, as in a chunked body).
// `limit_body` gets each limit of the body that becomes known, and returns a refusal if the body is known to
// be larger. Runs on the event loop.
std::optional<Refusal> AdmitRequest(ServerState& state, Request& request, std::optional<uint64_t> length,
                                    const std::function<std::optional<Refusal>(size_t most)>& limit_body);

// Decompresses and hashes the body in place, adds its growth and an estimate of what the handler needs to
// `memory`, calls the service's handler, and compresses the response if the client accepts gzip. If the body
// is invalid or too large, or if the handler throws, returns the service's rejection. If there is not enough
// memory for handling now, the response has a Wait, after which the handler is called; after
// ServerOptions::memory_wait_ms it is a rejection with status 429. Records the metrics of the request's
// class. `request` and `memory` must exist until the response was made.
Response AnswerRequest(ServerState& state, Request& request, RequestMemory& memory);

// Makes the response to a request that has waited, by `then` (Wait::then), with the same care for exceptions,
// compression and metrics.
Response ResumeRequest(ServerState& state, Request& request, const std::function<Response()>& then);

// Returns the service's rejection of a request, and counts and logs it. With status 0, the service chooses
// the status.
Response RefuseRequest(ServerState& state, const Request& head, int status, const Error& error);

// A response as its connection sends it. If `streams` is set, the body follows in pieces, which are chunks in
// HTTP/1.1.
struct FramedResponse {
  std::string head;  // HTTP/1.x: the bytes of the head
  // HTTP/2: the status and the fields, with lower-case names.
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // empty for HEAD and with `streams`; a small body of HTTP/1.x is part of `head`
  bool keep_alive = true;
  bool streams = false;
  bool chunked = false;
  MemoryHold memory;  // for `body`
};
// Moves the body out of `response`, but leaves a `stream` in it. `can_keep_alive` says whether the request
// and the connection allow another request after this one; a draining server never allows one.
FramedResponse FrameResponse(const ServerState& state, const Request& request, Response* response,
                             bool can_keep_alive);

// Reserves memory for the body of a response until it is sent. If there is none, replaces the response by the
// service's rejection, with status 429. A small body, which is part of the head, needs no reservation.
FramedResponse FrameWithinBudget(ServerState& state, const Request& request, Response* response,
                                 bool can_keep_alive);

// Calls `stream` to write the body. Logs the reason and returns false if `stream` fails or throws.
bool RunStream(ServerState& state, const Request& request, const std::function<Status(BodyWriter&)>& stream,
               BodyWriter& writer);

}  // namespace trine::net
