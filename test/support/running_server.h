// RunningServer: a real HttpServer on a free port with a handler of the test's choice, for tests that
// link the net floor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "net/server.h"
#include "test/support/raw_client.h"

namespace trine::test {

// Started by the constructor, stopped by the destructor. The clock is manual, so that timeouts happen
// when the test says so; `clock` outlives the server.
class RunningServer {
 public:
  using Handler = std::function<net::Response(const net::Request&)>;

  explicit RunningServer(Handler handler, net::ServerOptions options = {},
                         const Clock* other_clock = nullptr) {
    options.port = 0;
    net::Service service;
    service.classify = [](const net::Request& head) {
      return head.path.starts_with("/search") ? net::RequestClass::kSearch : net::RequestClass::kWrite;
    };
    service.handle = std::move(handler);
    service.refuse = [](const net::Request& head, int status, const Error& error) {
      return net::Response::JsonText(status, "refused " + head.path + ": " + error.code);
    };
    auto started = net::StartHttpServer(options, std::move(service), other_clock ? *other_clock : clock,
                                        NullLog(), NullMetrics());
    server = std::move(started).value();
  }

  uint16_t port() const { return server->port(); }
  RawClient Connect() const { return RawClient(port()); }

  ManualClock clock{Millis{1'700'000'000'000}};
  std::unique_ptr<net::HttpServer> server;
};

// Method, target and body, and the size of the body.
inline net::Response Echo(const net::Request& request) {
  net::Response response;
  response.headers.Add("Content-Type", "text/plain");
  response.body = request.method + " " + request.target + " " + request.body;
  return response;
}

}  // namespace trine::test
