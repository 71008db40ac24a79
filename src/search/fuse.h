// Fusion: normalise each hybrid clause's scores, combine them, order. The exact float32 arithmetic
// of neural-search 3.1 with the bounds rules given by `lower_bounds`; see docs/formats/fusion.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/search.h"

namespace trine::search {

struct Bound {
  enum class Mode { kApply, kClip, kIgnore } mode = Mode::kApply;
  float value = 0;
};
struct Fusion {
  enum class Normalization { kMinMax, kL2, kZScore, kRrf, kNone } normalization = Normalization::kMinMax;
  enum class Combination { kArithmetic, kGeometric, kHarmonic, kRrf } combination = Combination::kArithmetic;
  std::vector<float> weights;                     // empty: 1 each
  std::vector<Bound> lower_bounds, upper_bounds;  // empty: none
  int rank_constant = 60;
};

// Checks what does not depend on the query: weights in 0..1 with sum 1 +- .01, allowed pairs, bounds
// within +-10000, rank constant 1..10000. kInvalid with code "fusion".
Status Check(const Fusion& fusion);

// Normalised scores of one list, in list order. For tests and explanations.
std::vector<float> Normalize(const Fusion& fusion, size_t clause, const std::vector<float>& scores);

// The union of the lists with combined scores: score descending, then target, segment, row. Each
// hit carries its rank and raw score per clause. kInvalid when a count does not match the lists.
Result<std::vector<Hit>> Fuse(const Fusion& fusion, const std::vector<std::vector<Hit>>& lists);

}  // namespace trine::search
