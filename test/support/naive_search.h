// Naive search, to compare with: answers a query by reading every document's JSON, without index, rewriting
// or cursors. Scores use the textbook formula of BM25 in double precision.
#pragma once

#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "format/json.h"
#include "search/query/query.h"

namespace trine::test {

struct NaiveDocument {
  std::string id;
  format::Json source;
  bool live = true;  // a deleted document only counts in statistics
};
struct NaiveHit {
  size_t document = 0;
  double score = 0;
};

// Returns the live documents that match, in the order of `documents`. Supports only the queries that the
// random tests generate: no slop, no date math, and values of the field's type. Text is split at spaces.
std::vector<NaiveHit> NaiveSearch(const catalogue::Collection& collection,
                                  const std::vector<NaiveDocument>& documents, const search::Query& query);

}  // namespace trine::test
