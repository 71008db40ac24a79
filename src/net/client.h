// HttpClient: blocking requests to external services, with a deadline (libcurl inside).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/deadline.h"
#include "net/http.h"

namespace trine::net {

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;  // empty if a sink received it
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http:// or https:// only; redirects are not followed
  Headers headers;
  std::string body;
  size_t max_response_bytes = 1u << 30;
  // If set, called once with the status and the header fields, before any byte of the body is passed on. An
  // error ends the transfer and is returned. Interim responses (1xx) are not passed on.
  std::function<Status(const ClientResponse& head)> on_head = {};
  // Limits besides the deadline, in milliseconds of real time; exceeding one is kTimeout. 0: only the
  // deadline counts.
  int64_t connect_ms = 10'000;  // for the connection, with TLS
  int64_t first_byte_ms = 0;    // from the start to the head of the response
  int64_t idle_ms = 0;          // between two pieces of the body, and before the first
};

// Keeps connections open for reuse. An interface so that tests can answer requests without a network.
// Thread-safe.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Sends a request and waits for the whole response. Returns every HTTP status as a value, not as an error.
  // If `sink` is set, it receives the body of a 2xx response in pieces; an error from the sink ends the
  // transfer and is returned. Returns kTimeout if the deadline passes, kUnavailable if the connection
  // fails, kLimit if the response is too large, and kInvalid if the request is not a valid http or https
  // request. The URL is part of these errors, so it must not contain secrets.
  virtual Result<ClientResponse> Send(const ClientRequest& request, const Deadline& deadline,
                                      const std::function<Status(std::string_view)>& sink = {}) = 0;
};

struct ClientOptions {
  std::string ca_file;  // PEM certificates to trust instead of the system's
};

// Ignores the environment's proxy and certificate settings.
std::unique_ptr<HttpClient> NewHttpClient(ClientOptions options = {});

}  // namespace trine::net
