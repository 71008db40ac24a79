// The rank blend: search order and personal order become one, as the original re-ranking plugin
// computes it: score = (1-w)/log2(1+search rank) + w/log2(1+personal rank), in double, cast to float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trine::formation {

// personal_ranks[i]: the personal rank (from 1) of the i-th hit of the search order; 0: it has none, and
// then no personal term (the original divides by zero there and puts such hits on top). One score a hit.
std::vector<float> BlendRanks(double weight, const std::vector<uint32_t>& personal_ranks);

// Positions of `scores` by score descending; equal ones keep their order.
std::vector<size_t> OrderByScore(const std::vector<float>& scores);

}  // namespace trine::formation
