// HttpServer: HTTP/1.1 and HTTP/2 over TCP or TLS (Boost.Asio, Boost.Beast and nghttp2 inside).
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/http.h"
#include "net/server_options.h"

namespace trine::net {

// A running server. The destructor stops it without waiting for requests. An interface because it hides the
// network library. Thread-safe.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  virtual uint16_t port() const = 0;
  // Stops accepting connections, finishes running requests for up to `drain_ms` of real time, then closes
  // everything. Idempotent.
  virtual void Stop(int64_t drain_ms) = 0;
};

// Starts listening. `clock`, `log` and `metrics` must outlive the server. kIo if the address cannot be bound,
// kInvalid if an option is invalid, a certificate cannot be read, or the process may not open as many files
// as the options need; the message names the number.
Result<std::unique_ptr<HttpServer>> StartHttpServer(const ServerOptions& options, Service service,
                                                    const Clock& clock, Log& log, Metrics& metrics);

}  // namespace trine::net
