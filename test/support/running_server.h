// RunningServer: a real HttpServer on a free port with the test's handler, for tests that link src/net.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "net/server.h"
#include "test/support/capturing_log.h"
#include "test/support/raw_client.h"

namespace trine::test {

// The constructor starts the server, the destructor stops it. The clock is manual, so that the test controls
// timeouts, unless the test passes its own clock, which must outlive the server.
class RunningServer {
 public:
  using Handler = std::function<net::Response(const net::Request&)>;

  explicit RunningServer(Handler handler, net::ServerOptions options = {},
                         const Clock* other_clock = nullptr) {
    options.port = 0;
    net::Service service;
    service.plan = [](const net::Request& head) {
      net::RequestPlan plan;
      plan.pool = head.path.starts_with("/search") ? net::RequestClass::kSearch : net::RequestClass::kWrite;
      if (head.path == "/small") plan.max_body_bytes = 1000;
      plan.on_event_loop = head.path == "/live";
      return plan;
    };
    service.admit = [](const net::Request& head) -> Result<size_t> {
      if (head.headers.Get("authorization") == "nobody") return Error(ErrorCode::kUnauthenticated, "unknown");
      if (head.headers.Get("authorization") == "little") return size_t{1000};
      return head.plan.max_body_bytes;
    };
    service.handle = std::move(handler);
    service.refuse = [](const net::Request& head, int status, const Error& error) {
      net::Response r = net::Response::JsonText(
          status == 0 ? 401 : status, "rejected " + head.path + ": " + std::string(Name(error.code)));
      r.headers.Set("X-Message", error.message);
      return r;
    };
    auto started = net::StartHttpServer(options, std::move(service), other_clock ? *other_clock : clock, log,
                                        NullMetrics());
    server = std::move(started).value();
  }

  uint16_t port() const { return server->port(); }
  RawClient Connect(const char* from = "127.0.0.1") const { return RawClient(port(), from); }

  ManualClock clock{Millis{1'700'000'000'000}};
  CapturingLog log;
  std::unique_ptr<net::HttpServer> server;
};

// A handler that returns the request's method, target and body.
inline net::Response Echo(const net::Request& request) {
  net::Response response;
  response.headers.Add("Content-Type", "text/plain");
  response.body = request.method + " " + request.target + " " + request.body;
  return response;
}

}  // namespace trine::test
