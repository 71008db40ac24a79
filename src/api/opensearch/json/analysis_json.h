// Converts OpenSearch's index.analysis settings and the components of _analyze into the analysis floor's
// settings.
#pragma once

#include <map>
#include <string>

#include "analysis/analyzer.h"
#include "base/result.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Reads flat settings ("index.analysis.analyzer.a.tokenizer" -> "standard" or a list of strings). Builds
// every analyzer and normalizer once, so that an invalid one is rejected here; the error names it.
Result<analysis::AnalysisSettings> ParseAnalysis(const format::Json& flat,
                                                 const analysis::Analyzers& analyzers);

// Reads an inline component: {"type": "ngram", "min_gram": 2}. Every option becomes a string; lists are
// joined by '\n'.
Result<analysis::ComponentSpec> ParseComponent(const format::Json& given, const std::string& where);

}  // namespace trine::api::opensearch
