#include "formation/score_blend.h"

#include <algorithm>
#include <cstdio>

namespace trine::formation {
namespace {

constexpr double kMost = 0.75, kLeast = 0.1;  // personal weight of pure browsing and of a named product
constexpr double kHalfEvents = 3;             // events at which half of the weight is trusted
constexpr double kUnknownShare = 0.4;         // popularity still orders for a stranger

// 0 at kGuardNone of the best search score and below, 1 at kGuardWhole and above, straight between.
double Nearness(double share) {
  return std::clamp((share - kGuardNone) / (kGuardWhole - kGuardNone), 0.0, 1.0);
}

}  // namespace

bool AsksForPopularOrNew(const language::QueryIntent& intent) {
  using Sort = language::QueryIntent::Sort;
  return intent.open && (intent.sort == Sort::kPopular || intent.sort == Sort::kNewest);
}

PersonalWeight AutoWeight(const language::QueryIntent& intent, size_t events) {
  const double by_query =
      AsksForPopularOrNew(intent) ? kLeast : kLeast + (kMost - kLeast) * (1 - intent.specificity);
  const double known = static_cast<double>(events) / (static_cast<double>(events) + kHalfEvents);
  PersonalWeight weight;
  weight.value = by_query * (kUnknownShare + (1 - kUnknownShare) * known);
  char text[160];
  std::snprintf(text, sizeof(text),
                "specificity %.2f allows %.2f; %zu known events of the person keep %.0f %% of it",
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
                 std::vector<CandidateScores>* candidates) {
  double best_search = 0, best_personal = 0;
  for (const CandidateScores& c : *candidates) {
    best_search = std::max(best_search, c.search);
    best_personal = std::max(best_personal, c.personal);
  }
  for (size_t i = 0; i < candidates->size(); ++i) {
    CandidateScores& c = (*candidates)[i];
    const double personal = best_personal > 0 ? c.personal / best_personal : 0;
    const double near = best_search > 0 ? Nearness(c.search / best_search) : 1;
    const double part = weight * personal * near;
    c.base = (1 - weight) * c.search;
    c.taste = part * shares[i].taste;
    c.popularity = part * shares[i].popularity;
    c.exploration = part * shares[i].exploration;
    c.wish = kWishShare * c.rule * near;
    c.score = c.base + c.taste + c.popularity + c.exploration + c.wish;
  }
}

}  // namespace trine::formation
