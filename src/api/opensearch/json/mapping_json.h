// Converts mappings between OpenSearch's JSON and the catalogue's types.
#pragma once

#include <string>

#include "analysis/analyzer.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/mapping.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Reads the `mappings` object; null reads as an empty mapping. Fails with kMappingSyntax if anything is
// unknown or malformed, and with kUnsupported for OpenSearch types and options that are not implemented.
// Analyzers must exist in `settings` or be built in.
Result<catalogue::Mapping> ParseMapping(const format::Json& given,
                                        const catalogue::CollectionSettings& settings,
                                        const analysis::Analyzers& analyzers);

// {"properties": {...}} as given; {} if nothing is mapped.
format::Json PrintMapping(const catalogue::Mapping& mapping);
format::Json PrintField(const catalogue::Field& field);

}  // namespace trine::api::opensearch
