// Checks of a new analysis definition beyond those that building its components makes. A stored definition is
// not checked again, because release 0.1.0 accepted some of what is refused here.
#pragma once

#include "analysis/analyzer.h"
#include "base/result.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Refuses what OpenSearch refuses because it cannot have the meaning that it states: normalizers with
// components that change more than characters, synonyms behind filters that split words, synonyms of which
// the analyzer drops a word, and limits that exclude each other. `flat` are the settings of the index, by
// name.
Status CheckAnalysis(const analysis::AnalysisSettings& settings, const format::Json& flat,
                     const analysis::Analyzers& analyzers);

}  // namespace trine::api::opensearch
