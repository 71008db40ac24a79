// Converts index settings between OpenSearch's JSON and the catalogue's types.
#pragma once

#include <string>

#include "analysis/analyzer.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::api::opensearch {

// The `settings` object of a new index: nested or flat, with or without "index.". Unknown settings and
// wrong values are kIllegalArgument. Every analyzer in it is built once, so that a broken one is rejected
// here.
Result<catalogue::CollectionSettings> ParseSettings(const format::Json& given,
                                                    const analysis::Analyzers& analyzers);
// Changes to the settings of an index that is open; null resets one. Only dynamic ones may change.
Result<catalogue::CollectionSettings> ChangeSettings(const catalogue::Collection& collection,
                                                     const format::Json& changes,
                                                     const analysis::Analyzers& analyzers);

// {"index": {"number_of_shards": "1", ...}}, every value text; or flat "index.number_of_shards".
format::Json PrintSettings(const catalogue::Collection& collection, bool flat);

}  // namespace trine::api::opensearch
