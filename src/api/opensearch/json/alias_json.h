// Converts aliases between OpenSearch's JSON and the catalogue's types.
#pragma once

#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Reads {"name": {"filter": {...}, "is_write_index": true}}; null means no aliases. Each filter is parsed
// once, so that an invalid one is rejected here.
Result<std::vector<catalogue::Alias>> ParseAliases(const format::Json& given);
// Reads the options of one alias.
Result<catalogue::Alias> ParseAlias(const std::string& name, const format::Json& options);
// Whether the filters of aliases can be run on the collection that they belong to. Otherwise returns the
// error that the first search through the alias would have.
Status CheckAliasFilters(const std::vector<catalogue::Alias>& aliases,
                         const catalogue::Collection& collection, const analysis::Analyzers& analyzers,
                         Millis now);
format::Json PrintAliases(const std::vector<catalogue::Alias>& aliases);

}  // namespace trine::api::opensearch
