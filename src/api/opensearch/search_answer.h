// A search's result as this wire's JSON text.
#pragma once

#include <string>
#include <vector>

#include "api/opensearch/search_body.h"
#include "format/json.h"
#include "formation/search_service.h"

namespace trine::api::opensearch {

// Facts of an answer beside the hits.
struct AnswerFrame {
  int64_t took_ms = 0;
  size_t shards = 0;
  std::string scroll_id;  // empty: none
  std::string node;
  // The weight of the one re-ranking, to tell how much of a score it made; nullopt: none or several.
  std::optional<double> rerank_weight;
};

// The whole body. Sources are copied as they were given unless they are filtered.
std::string PrintSearch(const formation::SearchAnswer& answer, const SearchAsk& ask,
                        const AnswerFrame& frame);

// {"value", "description", "details"}
format::Json PrintExplanation(const search::Explanation& explanation);

}  // namespace trine::api::opensearch
