// Server: the whole program as `trine serve` runs it: engines, wires, HTTP, signals, shutdown.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "server/options.h"

namespace trine::server {

// Checks that can fail before anything is opened: an address other than loopback needs credentials,
// and TLS or the explicit flag; both TLS files or neither. kInvalid says what to add.
Status CheckOptions(const ServeOptions& options);

// A running server. The destructor shuts down.
class Server {
 public:
  virtual ~Server() = default;
  virtual uint16_t port() const = 0;
  virtual std::string url() const = 0;
  // Drains requests (up to 10 s), stops jobs, flushes. Idempotent.
  virtual Status Stop() = 0;
};
Result<std::unique_ptr<Server>> StartServer(const ServeOptions& options, const Clock& clock, Log& log);

// Blocks the calling thread until SIGTERM or SIGINT, with those signals blocked everywhere else.
// Call BlockSignals before any thread is started.
void BlockSignals();
int WaitForSignal();

// A log that writes lines to standard error; `level` and below are dropped.
std::unique_ptr<Log> NewConsoleLog(LogLevel least);

}  // namespace trine::server
