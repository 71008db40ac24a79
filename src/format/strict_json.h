// ParseStrictJson: reads JSON that a client sent, and refuses what a lenient reader would drop silently.
#pragma once

#include <string_view>

#include "base/result.h"
#include "format/json.h"

namespace trine::format {

// As ParseJson, but a key that appears twice in one object is kJsonSyntax, with the key as the detail
// "duplicate_key" and its second position as `where`. ParseJson keeps the last of such values; it reads
// stored data, and the requests of services whose own parser does the same. Takes as long as ParseJson.
Result<Json> ParseStrictJson(std::string_view text, const JsonLimits& limits = {});

}  // namespace trine::format
