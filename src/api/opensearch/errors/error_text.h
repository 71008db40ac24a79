// OpenSearch's texts for the errors of lower floors.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace trine::api::opensearch {

// Returns OpenSearch's text for the same error, built from the error's code and values; nullopt if OpenSearch
// has no fixed text, in which case the error's own message is shown. Thread-safe.
std::optional<std::string> ErrorText(const Error& error);

// Returns the text for the cause of a kFieldParse error: why the value is invalid.
std::string FieldValueText(const Error& cause);

}  // namespace trine::api::opensearch
