// The fallback JSON parser. It reads a document that simdjson has rejected, byte by byte, and either reports
// the exact problem and its position or accepts the document.
#pragma once

#include <string_view>

#include "format/json.h"

namespace trine::format {

// Containers may not nest deeper than this, whatever the caller's limit is, because the parsers recurse.
inline constexpr size_t kMaxJsonNesting = 512;

// How a parser treats a key that appears twice in one object.
enum class DuplicateKeys { kLastWins, kRefused };

// Parses `text` (without a byte order mark) with the same results as ParseJson or ParseStrictJson, about ten
// times slower. Accepts integers beyond 64 bits and lone surrogate escapes (as U+FFFD).
// Thread-safe.
Result<Json> ParseJsonFallback(std::string_view text, JsonLimits limits, DuplicateKeys duplicates);

// Merges members with the same key: keeps the last value, at the position of the first member. Returns
// whether there were any.
bool RemoveDuplicateMembers(Json::Object* object);

// kLimit errors for documents that exceed JsonLimits.
Error JsonDepthError(size_t max_depth);
Error JsonValueCountError(size_t max_values);

}  // namespace trine::format
