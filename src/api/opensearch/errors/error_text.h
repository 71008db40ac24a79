// The sentences of OpenSearch for the errors of lower floors.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace trine::api::opensearch {

// The sentence OpenSearch says in the same case, built from the code and the values of the error; nullopt
// where OpenSearch has no fixed sentence, so that the message of the error is shown. Thread-safe.
std::optional<std::string> ErrorText(const Error& error);

// The sentence for the cause of a kFieldParse error, which says why the value is wrong.
std::string FieldValueText(const Error& cause);

}  // namespace trine::api::opensearch
