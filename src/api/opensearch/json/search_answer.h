// Prints the result of a search as OpenSearch's JSON.
#pragma once

#include <string>
#include <vector>

#include "api/opensearch/json/search_body.h"
#include "format/json.h"
#include "formation/search_service.h"

namespace trine::api::opensearch {

// The members of an answer beside the hits.
struct AnswerFrame {
  int64_t took_ms = 0;
  size_t shards = 0;
  std::string scroll_id;  // empty: none
  std::string node;
  // The weight of the re-ranking, from which the ledgers compute its share of each score. nullopt unless
  // there was exactly one re-ranking.
  std::optional<double> rerank_weight;
};

// {"total", "successful", "skipped", "failed", "failures"}: one shard per collection; those of `failures`
// failed.
format::Json ShardsWithFailures(size_t shards, const std::vector<formation::PartFailure>& failures,
                                const std::string& node);

// The whole body. Sources are copied byte for byte unless they are filtered.
std::string PrintSearch(const formation::SearchAnswer& answer, const ParsedSearch& ask,
                        const AnswerFrame& frame);

// {"value", "description", "details"}
format::Json PrintExplanation(const search::Explanation& explanation);

}  // namespace trine::api::opensearch
