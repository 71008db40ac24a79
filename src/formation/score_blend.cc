#include "formation/score_blend.h"

#include <algorithm>
#include <cstdio>

#include "base/check.h"

namespace trine::formation {
namespace {

// 0 if `share` is at most guard_none, 1 if it is at least guard_whole, linear in between. `share` is a search
// score divided by the best search score.
double GuardFactor(double share, const BlendOptions& options) {
  return std::clamp((share - options.guard_none) / (options.guard_whole - options.guard_none), 0.0, 1.0);
}

}  // namespace

bool AsksForPopularOrNew(const language::QueryIntent& intent) {
  using Sort = language::QueryIntent::Sort;
  return intent.open && (intent.sort == Sort::kPopular || intent.sort == Sort::kNewest);
}

PersonalWeight AutoWeight(const language::QueryIntent& intent, size_t events, const BlendOptions& options) {
  const double by_query =
      AsksForPopularOrNew(intent)
          ? options.min_weight
          : options.min_weight + (options.max_weight - options.min_weight) * (1 - intent.specificity);
  const double known = static_cast<double>(events) / (static_cast<double>(events) + options.half_events);
  PersonalWeight weight;
  weight.value = by_query * (options.stranger_share + (1 - options.stranger_share) * known);
  char text[200];
  std::snprintf(text, sizeof(text),
                "the question's specificity %.2f allows a weight of %.2f; with %zu known events of the "
                "person, %.0f %% of that weight applies",
                intent.specificity, by_query, events, 100 * weight.value / by_query);
  weight.why = text;
  return weight;
}

PersonalShares PersonalSharesOf(const std::vector<recommend::Cause>& because) {
  using Kind = recommend::Cause::Kind;
  PersonalShares shares;
  double sum = 0;
  for (const recommend::Cause& cause : because) {
    const double amount = std::max(0.0, cause.amount);
    sum += amount;
    if (cause.kind == Kind::kPopularity || cause.kind == Kind::kTrend)
      shares.popularity += amount;
    else if (cause.kind == Kind::kExploration)
      shares.exploration += amount;
    else
      shares.taste += amount;
  }
  if (sum <= 0) return {0, 1, 0};
  return {shares.taste / sum, shares.popularity / sum, shares.exploration / sum};
}

void BlendScores(double weight, const std::vector<PersonalShares>& shares,
                 std::vector<CandidateScores>* candidates, const BlendOptions& options) {
  TRINE_CHECK_EQ(shares.size(), candidates->size());
  TRINE_CHECK_LT(options.guard_none, options.guard_whole);
  double best_search = 0, best_personal = 0;
  for (const CandidateScores& c : *candidates) {
    best_search = std::max(best_search, c.search);
    best_personal = std::max(best_personal, c.personal);
  }
  for (size_t i = 0; i < candidates->size(); ++i) {
    CandidateScores& c = (*candidates)[i];
    const double personal = best_personal > 0 ? c.personal / best_personal : 0;
    const double near = best_search > 0 ? GuardFactor(c.search / best_search, options) : 1;
    const double part = weight * personal * near;
    TRINE_DCHECK_GE(c.personal, 0);
    c.base = (1 - weight) * c.search;
    c.taste = part * shares[i].taste;
    c.popularity = part * shares[i].popularity;
    c.exploration = part * shares[i].exploration;
    c.wish = options.wish_share * c.rule * near;
    c.score = c.base + c.taste + c.popularity + c.exploration + c.wish;
  }
}

}  // namespace trine::formation
