// Routes: which API answers a request, who may send it, and how a rejection is formatted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/bedrock/api.h"
#include "api/chat/api.h"
#include "api/mcp/api.h"
#include "api/native/api.h"
#include "api/opensearch/api.h"
#include "api/personalize/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "format/json.h"
#include "net/http.h"
#include "server/credentials.h"

namespace trine::server {

struct Apis {
  api::opensearch::Api& opensearch;
  api::personalize::Api& personalize;
  api::bedrock::Api& bedrock;
  api::native::Api& native;
  api::chat::Api& chat;
  std::shared_ptr<const api::mcp::Api> mcp = nullptr;  // MakeService makes it
};

// Settings of the service for checks and hidden products, besides the credentials.
struct ServicePolicy {
  std::string region;  // that signatures must be for; empty: any
  // Absolute paths of this machine that no response of an error or of a job may show.
  std::vector<std::string> hidden_paths;
  // The same, but clients may name files in these folders as "file://" locations, which are shown as they
  // were given.
  std::vector<std::string> hidden_except_locations = {};
};

// The largest body of a request with public credentials.
inline constexpr size_t kMaxPublicBodyBytes = 64u << 10;

// Returns the service that the HTTP server runs. A request goes to the first of the native, Bedrock, chat,
// MCP and Personalize APIs whose Owns returns true, and to the OpenSearch API if none does. If `credentials`
// is not nullptr, every request must authenticate with a role that allows the plan's access; otherwise
// AdmitLocal restricts the service to clients on this machine. Refused logins and public callers are limited
// per peer (PeerLimits). Everything but `policy`, and the objects that `apis` refers to, must outlive the
// service. Thread-safe.
net::Service MakeService(const Apis& apis, const Credentials* credentials, const ServicePolicy& policy,
                         const Clock& clock, Log& log, Metrics& metrics);

// The progress of opening a data directory. Thread-safe; the lock is a leaf.
class StartProgress {
 public:
  // `done` from 0 to 1, of what is being done now.
  void Set(double done, std::string what);
  std::string Text() const;     // "indexing the documents of "products", 42 % done"
  format::Json AsJson() const;  // {"doing", "done"}

 private:
  mutable Mutex mutex_;
  double done_ TRINE_GUARDED_BY(mutex_) = 0;
  std::string what_ TRINE_GUARDED_BY(mutex_) = "opening the data directory";
};

// The service of an HTTP server that listens before its engines are open. Until Open is called, it answers
// every request with status 503 and the progress, in the error format of the API that the path belongs to;
// only /_trine/live answers 200. These answers need no authentication. Thread-safe; the lock is a
// leaf.
class Entrance {
 public:
  Entrance();
  // From now on, `service` answers. It must outlive the HTTP server.
  void Open(net::Service service);
  StartProgress& progress() { return *progress_; }
  // The service for the HTTP server, which this object must outlive.
  net::Service Switch();

 private:
  std::shared_ptr<const net::Service> Current() const;

  const std::shared_ptr<StartProgress> progress_;
  std::shared_ptr<const net::Service> starting_;
  mutable Mutex mutex_;
  std::shared_ptr<const net::Service> current_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::server
