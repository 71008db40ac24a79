// A hit's ledger: its rank and score after each step, and what changed them (ext.trine in a search answer).
#pragma once

#include <optional>

#include "format/json.h"
#include "formation/search_service.h"

namespace trine::api::opensearch {

// {"lexical", "vector", "clauses", "fused", "personal", "final", "moves"}. With `rerank_weight`, the moves
// show the shares of the search and of the user in the final score, and add up to it.
format::Json PrintLedger(const formation::Ledger& ledger, std::optional<double> rerank_weight);

}  // namespace trine::api::opensearch
