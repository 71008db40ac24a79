// The sentences in which OpenSearch reports the errors of a search. Clients match on them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace trine::api::opensearch {

// Returns the sentence of OpenSearch for an error of src/search, made from its code, its members and its
// details. Returns nullopt when OpenSearch has no sentence of its own for the case: then our message is the
// reason.
std::optional<std::string> SearchErrorText(const Error& error);

}  // namespace trine::api::opensearch
