// Routes: which wire answers a request, who may ask it, and what a refusal looks like there.
#pragma once

#include <functional>
#include <memory>

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

// The service that the HTTP server runs. `credentials` nullptr: this machine only. All outlive it.
net::Service MakeService(const Apis& apis, const Credentials* credentials, const Clock& clock,
                         Metrics& metrics);

}  // namespace trine::server
