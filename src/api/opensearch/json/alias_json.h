// Converts aliases between OpenSearch's JSON and the catalogue's types.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Reads {"name": {"filter": {...}, "is_write_index": true}}; null means no aliases. Each filter is parsed
// once, so that an invalid one is rejected here.
Result<std::vector<catalogue::Alias>> ParseAliases(const format::Json& given);
// Reads the options of one alias.
Result<catalogue::Alias> ParseAlias(const std::string& name, const format::Json& options);
format::Json PrintAliases(const std::vector<catalogue::Alias>& aliases);

}  // namespace trine::api::opensearch
