// Mappings between this wire's JSON and the catalogue's own.
#pragma once

#include <string>

#include "analysis/analyzer.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/mapping.h"
#include "format/json.h"

namespace trine::api::opensearch {

// The `mappings` object. mapper_parsing_exception on anything that is not understood; types and
// options that the original knows and this engine does not yet are named. Analyzers must exist in
// `settings` or be built in. null: an empty mapping.
Result<catalogue::Mapping> ParseMapping(const format::Json& given,
                                        const catalogue::CollectionSettings& settings,
                                        const analysis::Analyzers& analyzers);

// {"properties": {...}} as it was given; {} when nothing is mapped.
format::Json PrintMapping(const catalogue::Mapping& mapping);
format::Json PrintField(const catalogue::Field& field);

}  // namespace trine::api::opensearch
