// Routes: which API answers a request, who may send it, and how a rejection is formatted.
#pragma once

#include "api/bedrock/api.h"
#include "api/native/api.h"
#include "api/opensearch/api.h"
#include "api/personalize/api.h"
#include "base/clock.h"
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

// Returns the service that the HTTP server runs. A request goes to the first of the native, Bedrock and
// Personalize APIs whose Owns returns true, and to the OpenSearch API if none does. If `credentials` is not
// nullptr, every request must authenticate with a role that allows the plan's access; otherwise AdmitLocal
// restricts the service to clients on this machine. The arguments, and the objects that `apis` refers to,
// must outlive the service. Thread-safe.
net::Service MakeService(const Apis& apis, const Credentials* credentials, const Clock& clock,
                         Metrics& metrics);

}  // namespace trine::server
