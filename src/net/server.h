// HttpServer: HTTP/1.1 over TCP or TLS (Boost.Asio and Boost.Beast inside).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/http.h"

namespace trine::net {

struct ServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 9200;       // 0: any free one
  std::string tls_cert_file;  // PEM; both or neither
  std::string tls_key_file;
  size_t io_threads = 1;
  size_t search_threads = 2, search_queue = 1000;
  size_t recommend_threads = 2, recommend_queue = 1000;
  size_t write_threads = 2, write_queue = 200;
  size_t language_threads = 4, language_queue = 100;
  size_t admin_threads = 2, admin_queue = 200;
  size_t max_connections = 4096;  // beyond it new connections are closed at once
  size_t max_body_bytes = 100u << 20;
  size_t max_header_bytes = 64u << 10;
  size_t max_bodies_in_memory = 1u << 30;  // sum of bodies being held; beyond it 429
  int64_t header_timeout_ms = 15'000;      // slow clients: from first byte to end of headers
  int64_t body_timeout_ms = 60'000;        // without progress
  int64_t idle_timeout_ms = 120'000;       // keep-alive
  int64_t request_deadline_ms = 30'000;
};

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

// Starts listening. `clock`, `log` and `metrics` must outlive the server. kIo when the address cannot be
// bound, kInvalid when an option is wrong or a certificate cannot be read.
Result<std::unique_ptr<HttpServer>> StartHttpServer(const ServerOptions& options, Service service,
                                                    const Clock& clock, Log& log, Metrics& metrics);

}  // namespace trine::net
