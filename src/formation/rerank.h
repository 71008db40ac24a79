// Rank blend: joins the search order and the personal order of the hits as the Personalize search plugin of
// OpenSearch does: score = (1-w)/log2(1+search rank) + w/log2(1+personal rank), in double, cast to float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trine::formation {

// One score per hit. personal_ranks[i] is the personal rank, from 1, of the i-th hit of the search order. 0
// means that it has none: then it gets no personal term. (The plugin divides by zero there, which puts such
// hits on top.)
std::vector<float> BlendRanks(double weight, const std::vector<uint32_t>& personal_ranks);

// Positions of `scores` by score descending; equal ones keep their order.
std::vector<size_t> OrderByScore(const std::vector<float>& scores);

}  // namespace trine::formation
