// The fallback JSON parser. It reads a document that simdjson has rejected, byte by byte, and either reports
// the exact problem and its position or accepts the document.
#pragma once

#include <string_view>

#include "format/json.h"

namespace trine::format {

// Containers may not nest deeper than this, whatever the caller's limit is, because the parsers recurse.
inline constexpr size_t kMaxJsonNesting = 512;

// Parses `text` (without a byte order mark) with the same results as ParseJson, about ten times slower.
// Accepts integers beyond 64 bits (as doubles) and lone surrogate escapes (as U+FFFD). Thread-safe.
Result<Json> ParseJsonFallback(std::string_view text, JsonLimits limits);

// Merges members with the same key: keeps the last value, at the position of the first member.
void RemoveDuplicateMembers(Json::Object* object);

// kLimit errors for documents that exceed JsonLimits.
Error JsonDepthError(size_t max_depth);
Error JsonValueCountError(size_t max_values);

}  // namespace trine::format
