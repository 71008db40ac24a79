// Fusion: normalise each hybrid clause's scores, combine them, order. The exact float32 arithmetic
// of neural-search 3.1; see docs/formats/fusion.md.
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
  // How lower bounds act: as neural-search 3.1 has it (a score below a clipping bound is negative and
  // leaves the combination with its weight) or as 3.2 (it is 0.001). Upper bounds came with 3.2: where
  // there are some, its rules hold.
  enum class Rules { k31, k32 } rules = Rules::k31;
};

// Checks what does not depend on the query: weights in 0..1 with sum 1 +- .01, allowed pairs, bounds
// within +-10000, rank constant 1..10000. kFusion.
Status Check(const Fusion& fusion);

// Normalised scores of one list, in list order. For tests and explanations.
std::vector<float> Normalize(const Fusion& fusion, size_t clause, const std::vector<float>& scores);

// The union of the lists with combined scores: score descending (NaN first, as the original sorts it),
// then target, segment, row. Each hit carries its rank and raw score per clause; explanations, where hits
// have them, become details of the combination's. kFusion, when a count does not match
// the lists.
Result<std::vector<Hit>> Fuse(const Fusion& fusion, const std::vector<std::vector<Hit>>& lists);

}  // namespace trine::search
