// Converts OpenSearch's index.analysis settings and the components of _analyze into the analysis floor's
// settings.
#pragma once

#include <cstdint>
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

// Returns the largest max_gram - min_gram of an n-gram component: that of index.max_ngram_diff in the flat
// settings, but at least the default. Each additional length adds about as many n-grams as the text has
// characters.
int64_t MaxGramSpread(const format::Json& flat);

// Reads an inline component: {"type": "ngram", "min_gram": 2}. Every option becomes a string; lists are
// joined by '\n'.
Result<analysis::ComponentSpec> ParseComponent(const format::Json& given, const std::string& where,
                                               int64_t max_gram_spread);

}  // namespace trine::api::opensearch
