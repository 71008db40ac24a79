// Server: the program as `trine serve` runs it: the engines, the APIs on top of them, and HTTP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "server/options.h"

namespace trine::api {
namespace opensearch {
class Api;
}
namespace personalize {
class Api;
}
namespace bedrock {
class Api;
}
namespace chat {
class Api;
}
namespace native {
class Api;
}
}  // namespace trine::api
namespace trine::net {
class HttpServer;
}

namespace trine::server {

class Credentials;
class Engines;
class Entrance;
class IndexCheck;
class KeptFilesCheck;
class PurgeWatch;
class PrometheusMetrics;
class StoreWatch;

// Checks the options before anything is opened. A TLS certificate needs a key, and a key needs a certificate.
// An address that is not a loopback address needs a credentials file, and either TLS or `allow_plain_http`.
// Otherwise returns kUsage; the message says which option is missing.
Status CheckOptions(const ServeOptions& options);

// A running server. It owns all its parts; `clock` and `log` must outlive it. port() and url() may be called
// from any thread, Stop from one thread at a time.
class Server {
 public:
  // Listens, opens the data directory, and resumes interrupted jobs. While the directory is being opened,
  // requests are answered with status 503 and the progress (Entrance in server/routes.h). On error nothing
  // keeps running. Returns the errors of CheckOptions, Credentials::Load, net::StartHttpServer and
  // Engines::Open.
  static Result<std::unique_ptr<Server>> Start(const ServeOptions& options, const Clock& clock, Log& log);
  ~Server();  // calls Stop and ignores its error

  // The port that the server listens on, also if the options asked for port 0.
  uint16_t port() const { return port_; }
  std::string url() const { return url_; }

  // Finishes running requests (for at most 10 s), stops jobs and flushes. Stops the server even if the flush
  // fails, and returns that error. Idempotent.
  Status Stop();

 private:
  Server(const Clock& clock, Log& log);
  Status Open(const ServeOptions& options);
  Status Listen(const ServeOptions& options);
  void MakeApis(const EngineOptions& options);
  void LogStart(const ServeOptions& options, int64_t millis);

  const Clock& clock_;
  Log& log_;
  // Destroyed in reverse order: HTTP first, then the APIs, then the engines.
  std::unique_ptr<PrometheusMetrics> metrics_;
  std::unique_ptr<MemoryBudget> memory_;
  std::unique_ptr<Credentials> credentials_;  // nullptr: only this machine is served
  std::unique_ptr<Engines> engines_;
  std::unique_ptr<api::opensearch::Api> opensearch_;
  std::unique_ptr<api::personalize::Api> personalize_;
  std::unique_ptr<api::bedrock::Api> bedrock_;
  std::unique_ptr<api::native::Api> native_;
  std::unique_ptr<api::chat::Api> chat_;
  std::unique_ptr<Entrance> entrance_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<StoreWatch> watch_;
  std::unique_ptr<IndexCheck> index_check_;
  std::unique_ptr<KeptFilesCheck> kept_files_check_;
  std::unique_ptr<PurgeWatch> purge_watch_;
  uint16_t port_ = 0;
  std::string url_;
};

}  // namespace trine::server
