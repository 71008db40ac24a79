// normalization-processor and score-ranker-processor, to the search floor's fusion.
#pragma once

#include <string>

#include "base/result.h"
#include "format/json.h"
#include "search/fuse.h"

namespace trine::api::opensearch {

// Checked with the original's texts (score-formulas: 3.1, `upper_bounds` of 3.2 too).
Result<search::Fusion> ParseNormalization(const format::Json& config);
Result<search::Fusion> ParseScoreRanker(const format::Json& config);

// The JVM's name for the type of a value, which the original's texts use: "java.lang.String".
std::string JavaType(const format::Json& value);

}  // namespace trine::api::opensearch
