// Converts index settings between OpenSearch's JSON and the catalogue's types.
#pragma once

#include <string>

#include "analysis/analyzer.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Reads the `settings` object of a new index: nested or flat, with or without "index.". Unknown settings and
// invalid values are kIllegalArgument. Builds every analyzer in it once, to reject an invalid one here.
Result<catalogue::CollectionSettings> ParseSettings(const format::Json& given,
                                                    const analysis::Analyzers& analyzers);
// Applies changes to an open index's settings; null resets a setting. Only dynamic settings may change.
Result<catalogue::CollectionSettings> ChangeSettings(const catalogue::Collection& collection,
                                                     const format::Json& changes,
                                                     const analysis::Analyzers& analyzers);

// {"index": {"number_of_shards": "1", ...}}; if `flat`, {"index.number_of_shards": "1", ...}. Values are
// strings or lists of strings.
format::Json PrintSettings(const catalogue::Collection& collection, bool flat);

}  // namespace trine::api::opensearch
