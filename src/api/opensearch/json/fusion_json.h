// Converts normalization-processor and score-ranker-processor into the search floor's fusion.
#pragma once

#include <string>

#include "base/result.h"
#include "format/json.h"
#include "search/fuse.h"

namespace trine::api::opensearch {

// Invalid values are reported with OpenSearch 3.1's texts. `upper_bounds`, an addition of OpenSearch 3.2, is
// read as in that version.
Result<search::Fusion> ParseNormalization(const format::Json& config);
Result<search::Fusion> ParseScoreRanker(const format::Json& config);

// The name of a value's type in Java ("java.lang.String"), which OpenSearch's texts use.
std::string JavaType(const format::Json& value);

}  // namespace trine::api::opensearch
