#include "recommend/train/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace trine::recommend {

double ReciprocalRank(std::span<const char> hits, size_t k) {
  for (size_t r = 0; r < std::min(k, hits.size()); ++r) {
    if (hits[r] != 0) return 1.0 / static_cast<double>(r + 1);
  }
  return 0;
}

double Ndcg(std::span<const char> hits, size_t targets, size_t k) {
  double gain = 0, best = 0;
  for (size_t r = 0; r < k; ++r) {
    const double of_rank = 1.0 / std::log2(static_cast<double>(r + 2));
    if (r < hits.size() && hits[r] != 0) gain += of_rank;
    if (r < targets) best += of_rank;
  }
  return best > 0 ? gain / best : 0;
}

double Precision(std::span<const char> hits, size_t k) {
  const auto first = hits.first(std::min(k, hits.size()));
  return static_cast<double>(std::ranges::count_if(first, [](char h) { return h != 0; })) /
         static_cast<double>(k);
}

}  // namespace trine::recommend
