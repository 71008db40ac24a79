// Routes: which API answers a request, who may send it, and how a rejection is formatted.
#pragma once

#include <string>
#include <vector>

#include "api/bedrock/api.h"
#include "api/native/api.h"
#include "api/opensearch/api.h"
#include "api/personalize/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/http.h"
#include "server/credentials.h"

namespace trine::server {

struct Apis {
  api::opensearch::Api& opensearch;
  api::personalize::Api& personalize;
  api::bedrock::Api& bedrock;
  api::native::Api& native;
};

// What the service checks and hides besides the credentials.
struct ServicePolicy {
  std::string region;  // that signatures must be for; empty: any
  // Absolute paths of this machine that no response of an error or of a job may show.
  std::vector<std::string> hidden_paths;
};

// The largest body of a request with public credentials.
inline constexpr size_t kMaxPublicBodyBytes = 64u << 10;

// Returns the service that the HTTP server runs. A request goes to the first of the native, Bedrock and
// Personalize APIs whose Owns returns true, and to the OpenSearch API if none does. If `credentials` is not
// nullptr, every request must authenticate with a role that allows the plan's access; otherwise AdmitLocal
// restricts the service to clients on this machine. Refused logins and public callers are limited per peer
// (PeerLimits). Everything but `policy`, and the objects that `apis` refers to, must outlive the service.
// Thread-safe.
net::Service MakeService(const Apis& apis, const Credentials* credentials, const ServicePolicy& policy,
                         const Clock& clock, Log& log, Metrics& metrics);

}  // namespace trine::server
