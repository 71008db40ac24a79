// The careful JSON reader: reads a document byte by byte when the fast one has refused it, either to
// say exactly what is wrong and where, or to accept what the fast one cannot hold.
#pragma once

#include <string_view>

#include "format/json.h"

namespace trine::format {

// No container may nest deeper than this, whatever a caller asks for: readers recurse.
inline constexpr size_t kMaxJsonNesting = 512;

// Reads `text` (no BOM) with the same results as ParseJson, some ten times slower. Accepts integers
// beyond 64 bits (as doubles) and lone surrogate escapes (as U+FFFD). Thread-safe.
Result<Json> ParseJsonFallback(std::string_view text, JsonLimits limits);

// Drops all but the last of equally named members; the survivor stands where the first one stood.
void RemoveDuplicateMembers(Json::Object* object);

Error JsonDepthError(size_t max_depth);
Error JsonValueCountError(size_t max_values);

}  // namespace trine::format
