// HttpClient: blocking requests to outside services (libcurl inside), with deadline.
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
  std::string body;  // empty when a sink took it
};

// Thread-safe; keeps connections for reuse.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // kTimeout past the deadline, kUnavailable when there is no connection or it broke, kLimit when
  // the answer is too large. Any HTTP status is a value, not an error. When `sink` is given and the
  // status is 2xx, body pieces go to it.
  virtual Result<ClientResponse> Send(const ClientRequest& request, const Deadline& deadline,
                                      const std::function<Status(std::string_view)>& sink = {}) = 0;
};

struct ClientOptions {
  std::string ca_file;  // PEM certificates to trust instead of the system's; usually left empty
};

// Proxies and other settings are not read from the environment.
std::unique_ptr<HttpClient> NewHttpClient(ClientOptions options = {});

}  // namespace trine::net
