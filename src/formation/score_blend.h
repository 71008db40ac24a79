// Score blending: chooses the weight of the personal score, and combines it with the search score of each
// candidate. A guard keeps personal taste from lifting irrelevant candidates. The guard compares each search
// score with the best search score, so the blend uses scores, not ranks.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "language/intent.h"
#include "recommend/recommender.h"

namespace trine::formation {

struct BlendOptions {
  // The guard, as shares of the best search score: the personal part of a candidate counts in full at or
  // above guard_whole, not at all at or below guard_none, and proportionally in between. This holds for every
  // weight, even 1. Requires guard_none < guard_whole.
  double guard_none = 0.3, guard_whole = 0.6;
  double wish_share = 0.5;  // the most that a soft wish ("light") adds to a score

  // The weight that AutoWeight computes before it applies the share for known events: max_weight for pure
  // browsing; min_weight for one named product, and for a question about popular or new products.
  double max_weight = 0.75, min_weight = 0.1;
  double half_events = 3;       // known events with which the share is halfway from stranger_share to 1
  double stranger_share = 0.4;  // share of the weight that applies to an unknown person
};

struct PersonalWeight {
  double value = 0;  // 0..1
  std::string why;
};

// Whether the question asks for popular products ("what is popular?") or for the newest ones. That order then
// dominates, and the person's taste has little influence.
bool AsksForPopularOrNew(const language::QueryIntent& intent);

// The weight if the caller sets none: large for browsing, small for a named product, and smaller while few
// events of the person are known.
PersonalWeight AutoWeight(const language::QueryIntent& intent, size_t events,
                          const BlendOptions& options = {});

// The input and output of BlendScores for one candidate. `score` is the sum of the five parts, `base` to
// `wish`.
struct CandidateScores {
  double search = 0;    // fused, 0..1
  double personal = 0;  // >= 0, in any unit
  double rule = 0;      // how well the candidate meets a soft wish, 0..1
  double base = 0, taste = 0, popularity = 0, exploration = 0, wish = 0;
  double score = 0;
};

// The sources of the personal score; the shares add up to 1.
struct PersonalShares {
  double taste = 0, popularity = 0, exploration = 0;
};
// Computes the shares from the causes of a personal score. Causes that lower the score have no share. Without
// causes, the whole score counts as popularity.
PersonalShares PersonalSharesOf(const std::vector<recommend::Cause>& because);

// Fills the parts and the score of each candidate. Requires one element of `shares` per candidate, and weight
// in 0..1. If every search score is 0, the guard does not apply, and the personal order is kept.
void BlendScores(double weight, const std::vector<PersonalShares>& shares,
                 std::vector<CandidateScores>* candidates, const BlendOptions& options = {});

}  // namespace trine::formation
