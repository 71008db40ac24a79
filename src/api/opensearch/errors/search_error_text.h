// OpenSearch's texts for search errors. Clients match on them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace trine::api::opensearch {

// Returns OpenSearch's text for an error from src/search, built from the error's code, members and details.
// Returns nullopt if OpenSearch has no text for it; the reason is then our own message.
std::optional<std::string> SearchErrorText(const Error& error);

}  // namespace trine::api::opensearch
