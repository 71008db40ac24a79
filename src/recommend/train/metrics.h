// Offline metrics of ranked lists. Definitions: docs/formats/metrics.md.
#pragma once

#include <span>
#include <vector>

namespace trine::recommend {

// `hits[r]` tells whether the item at rank r + 1 is one of the person's `targets`.
double ReciprocalRank(std::span<const char> hits, size_t k);
// Gains 1 / log2(1 + rank), over those of the best list there could be.
double Ndcg(std::span<const char> hits, size_t targets, size_t k);
double Precision(std::span<const char> hits, size_t k);

}  // namespace trine::recommend
