// Services: the state of the API that its handlers share.
#pragma once

#include <utility>

#include "api/opensearch/handlers/dependencies.h"
#include "api/opensearch/handlers/scrolls.h"

namespace trine::api::opensearch {

// The services that handlers share. Owned by the Api. Each member is thread-safe.
struct Services {
  explicit Services(Dependencies dependencies) : deps(std::move(dependencies)), scrolls(deps.clock) {}

  const Dependencies deps;
  Scrolls scrolls;
};

}  // namespace trine::api::opensearch
