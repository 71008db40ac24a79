// The fallback JSON parser: reads a document byte by byte after simdjson has rejected it, either to report
// the exact problem and its position, or to accept input that simdjson rejects.
#pragma once

#include <string_view>

#include "format/json.h"

namespace trine::format {

// Containers may not nest deeper than this, whatever a caller asks for, because the parsers recurse.
inline constexpr size_t kMaxJsonNesting = 512;

// Parses `text` (without a byte order mark) with the same results as ParseJson, about ten times slower.
// Accepts integers beyond 64 bits (as doubles) and lone surrogate escapes (as U+FFFD). Thread-safe.
Result<Json> ParseJsonFallback(std::string_view text, JsonLimits limits);

// Keeps one of several members with the same key: the value of the last at the position of the first.
void RemoveDuplicateMembers(Json::Object* object);

// kLimit errors for documents beyond JsonLimits.
Error JsonDepthError(size_t max_depth);
Error JsonValueCountError(size_t max_values);

}  // namespace trine::format
