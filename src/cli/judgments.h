// Relevance judgments for `trine eval search`, and the metric that is computed from them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace trine::cli {

// Returns the rows of a tab-separated file. kIo if it cannot be opened, kInvalid if a row has fewer than
// `columns` columns.
Result<std::vector<std::vector<std::string>>> ReadTsv(const std::string& path, size_t columns);

// Normalised discounted cumulative gain at `depth` (Järvelin and Kekäläinen 2002, with the discount log2(rank
// + 1)). `ranked` contains the gains of the returned documents in order, `judged` those of all judged
// documents. Returns 0 if no judged document has a gain.
double Ndcg(const std::vector<double>& ranked, std::vector<double> judged, size_t depth);

}  // namespace trine::cli
