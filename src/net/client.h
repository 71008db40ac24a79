// HttpClient: blocking requests to outside services, with a deadline (libcurl inside).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/deadline.h"
#include "net/http.h"

namespace trine::net {

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http:// or https:// only; redirects are not followed
  Headers headers;
  std::string body;
  size_t max_response_bytes = 1u << 30;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;  // empty when a sink received it
};

// Keeps connections open for reuse. An interface so that tests can answer requests without a network.
// Thread-safe.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Sends a request and waits for the whole response. Every HTTP status is a value, not an error. With a
  // `sink`, the body of a 2xx response is passed to it in pieces, and an error of the sink ends the transfer
  // and is returned. kTimeout after the deadline, kUnavailable when the connection fails, kLimit when the
  // response is too large, kInvalid when the request is not one for http or https.
  virtual Result<ClientResponse> Send(const ClientRequest& request, const Deadline& deadline,
                                      const std::function<Status(std::string_view)>& sink = {}) = 0;
};

struct ClientOptions {
  std::string ca_file;  // PEM certificates to trust instead of the system's
};

// Reads no settings from the environment: no proxy, no certificates.
std::unique_ptr<HttpClient> NewHttpClient(ClientOptions options = {});

}  // namespace trine::net
