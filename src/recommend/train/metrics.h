// Offline metrics of ranked lists. Definitions: docs/formats/metrics.md.
#pragma once

#include <span>
#include <vector>

namespace trine::recommend {

// hits[r] is not 0 if the item at rank r + 1 is one of the person's targets. Requires k > 0. Results are
// 0..1.
double ReciprocalRank(std::span<const char> hits, size_t k);
// The sum of the hits' gains, 1 / log2(1 + rank), divided by the same sum for the best possible list
// if the person has `targets` targets.
double Ndcg(std::span<const char> hits, size_t targets, size_t k);
// Hits among the first k, divided by k.
double Precision(std::span<const char> hits, size_t k);

}  // namespace trine::recommend
