// Offline metrics of ranked lists. Definitions: docs/formats/metrics.md.
#pragma once

#include <span>
#include <vector>

namespace trine::recommend {

// hits[r] is not 0 when the item at rank r + 1 is one of the person's targets. Requires k > 0. Results are
// 0..1.
double ReciprocalRank(std::span<const char> hits, size_t k);
// The gains 1 / log2(1 + rank) of the hits, over those of the best possible list for `targets` targets.
double Ndcg(std::span<const char> hits, size_t targets, size_t k);
// Hits among the first k, over k.
double Precision(std::span<const char> hits, size_t k);

}  // namespace trine::recommend
