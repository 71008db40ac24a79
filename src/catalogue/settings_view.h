// Settings of a collection that are read from what the client sent.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/collection.h"

namespace trine::catalogue {

struct MappingLimits {
  size_t fields = 0;  // of the whole mapping
  size_t depth = 0;   // of nested objects
};
// Returns index.mapping.total_fields.limit and index.mapping.depth.limit; limits::kMaxMappingFields and
// limits::kMaxDocumentDepth if they are absent or above these bounds.
MappingLimits MappingLimitsOf(const CollectionSettings& settings);

// Returns index.query.default_field: the fields of a query on several fields that lists none, as patterns
// with boosts. Empty: all fields. An entry that cannot be parsed is left out.
std::vector<std::pair<std::string, float>> DefaultFieldsOf(const CollectionSettings& settings);

// Parses "title^2" as a pattern and its boost; the boost is 1 if the text has none. kInvalid if there is no
// pattern, or the boost is not a number from 0 on.
Result<std::pair<std::string, float>> ParseBoostedField(const std::string& text);

}  // namespace trine::catalogue
