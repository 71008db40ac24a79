// The naive twin of search: every query is answered by looking at every document's JSON, with no index,
// no rewriting and no cursors. Scores are BM25 by its textbook formula in double.
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
  bool live = true;  // a deleted document counts only in statistics
};
struct NaiveHit {
  size_t document = 0;
  double score = 0;
};

// The live documents that match, in the order of `documents`. Supports only the queries that random tests
// make: without slop and date math, and with values of the right type. Texts are split at spaces.
std::vector<NaiveHit> NaiveSearch(const catalogue::Collection& collection,
                                  const std::vector<NaiveDocument>& documents, const search::Query& query);

}  // namespace trine::test
