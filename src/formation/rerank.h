// Rank blend: joins the search order and the personal order of the hits as the Personalize search plugin of
// OpenSearch does: score = (1-w)/log2(1+search rank) + w/log2(1+personal rank), in double, cast to float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trine::formation {

// One score per hit. personal_ranks[i] is the personal rank, from 1, of the i-th hit of the search order. 0
// means no personal rank and adds no personal term. (The plugin divides by zero in this case, which puts such
// hits on top.)
std::vector<float> BlendRanks(double weight, const std::vector<uint32_t>& personal_ranks);

// Returns the positions in `scores` by descending score; equal scores keep their order.
std::vector<size_t> OrderByScore(const std::vector<float>& scores);

}  // namespace trine::formation
