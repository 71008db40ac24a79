// Fusion: normalises the scores in each list of a hybrid query, combines them, and orders the hits. The
// float32 arithmetic is exactly that of neural-search 3.1; see docs/formats/fusion.md. The values of the
// enumerators are stored in search pipelines (docs/formats/pipelines.md): never change or reuse a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/search.h"

namespace trine::search {

// A bound on the raw scores of one list, used by min-max normalisation instead of their minimum or maximum.
// kApply: scores beyond the bound are normalised as if there were no bound; kClip: scores beyond the bound
// are clipped or, if no upper bounds are set, ignored as in neural-search 3.1; kIgnore: there is no bound.
struct ScoreBound {
  enum class Mode { kApply = 0, kClip = 1, kIgnore = 2 } mode = Mode::kApply;
  float value = 0;
};
struct Fusion {
  enum class Normalization {
    kMinMax = 0,
    kL2 = 1,
    kZScore = 2,
    kRrf = 3,
    kNone = 4
  } normalization = Normalization::kMinMax;
  enum class Combination {
    kArithmetic = 0,
    kGeometric = 1,
    kHarmonic = 2,
    kRrf = 3
  } combination = Combination::kArithmetic;
  std::vector<float> weights;                          // one per list; empty: 1 each
  std::vector<ScoreBound> lower_bounds, upper_bounds;  // one per list; empty: none
  int rank_constant = 60;                              // for kRrf
};

// Checks everything that does not depend on the query: weights in 0..1 with a sum of 1 +- .01, allowed pairs
// of normalization and combination, bounds within +-10000, a rank constant in 1..10000. Fails with kFusion.
Status Check(const Fusion& fusion);

// Returns the normalised scores of the list of sub-query `clause`. `scores` are in the order of the list.
std::vector<float> Normalize(const Fusion& fusion, size_t clause, const std::vector<float>& scores);

// Returns the union of the lists with combined scores, by descending score (NaN first, as OpenSearch sorts
// it), then target, segment and row. Each hit has its rank and raw score in every list; the explanations of
// the hits become details of the explanation of the combined score. Requires that Check(fusion) passed. Fails
// with kFusion if the number of weights or bounds differs from the number of lists.
Result<std::vector<Hit>> Fuse(const Fusion& fusion, const std::vector<std::vector<Hit>>& lists);

}  // namespace trine::search
