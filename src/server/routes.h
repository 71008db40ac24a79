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

// Returns the service that the HTTP server runs. The native API owns /_trine/..., Bedrock /model/...,
// Personalize the requests for which its Api::Owns returns true, and OpenSearch everything else. With
// `credentials`, every request must authenticate with a role that allows the plan's access; with nullptr,
// only this machine is served (AdmitLocal). The arguments, and the objects that `apis` refers to, must
// outlive the service. Thread-safe.
net::Service MakeService(const Apis& apis, const Credentials* credentials, const Clock& clock,
                         Metrics& metrics);

}  // namespace trine::server
