#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "recommend/rank/explain.h"
#include "recommend/recipe/answers.h"
#include "recommend/recipe/item_filter.h"

namespace trine::recommend {
namespace {

// An item of the request's list.
struct GivenItem {
  Item item = kNone;  // kNone: unknown
  const std::string* id = nullptr;
  double score = 0;
};

// Scores the known items by counts, for popular and trending recipes.
void ScoreGivenByCounts(const ServingConfig& serving, const RequestState& state,
                        std::vector<GivenItem>* known, Cause* cause) {
  const CountedScores counts = ScoreByCounts(serving, state);
  std::vector<double> by_item(state.group.items().size(), 0);
  for (const ScoredItem& s : counts.scored) by_item[s.item] = s.score;
  for (GivenItem& g : *known) g.score = by_item[g.item];
  *cause = counts.cause;
}

}  // namespace

Result<Recommendation> AnswerRanking(const RankRequest& request, const RequestState& state,
                                     AnswerDependencies& dependencies) {
  const ItemTable& items = state.group.items();
  ItemFilter filter(state, dependencies.cache);
  TRINE_ASSIGN(const ItemTest passes, filter.Test(request.filter, request.filter_values, kNone));
  std::vector<GivenItem> known, unknown;
  std::unordered_set<std::string_view> seen;
  for (const std::string& id : request.items) {
    if (!seen.insert(id).second) continue;
    const Item item = items.Find(id);
    if (item == kNone || items.Removed(item)) {
      if (!passes || filter.PassesUnknown(id)) unknown.push_back({kNone, &id, 0});
    } else if (!passes || passes(item)) {
      known.push_back({item, &id, 0});
    }
  }
  const RecipeKind kind = Info(request.serving.recipe).kind;
  const bool by_counts = kind == RecipeKind::kPopular || kind == RecipeKind::kTrending;
  const Scorer scorer = state.MakeScorer(dependencies.scratch);
  Cause by_count;
  if (by_counts) {
    ScoreGivenByCounts(request.serving, state, &known, &by_count);
  } else {
    for (GivenItem& g : known) g.score = scorer.Score(g.item);
  }
  std::ranges::stable_sort(known, [](const GivenItem& a, const GivenItem& b) { return a.score > b.score; });
  std::vector<ScoredItem> scores;
  scores.reserve(known.size());
  for (const GivenItem& g : known)
    scores.push_back({g.item, by_counts ? std::log1p(std::max(0.0, g.score)) : g.score});
  const std::vector<double> shares = ShareOfOne(scores, scores, by_counts ? 1 : state.weights.slope);
  Recommendation answer;
  for (size_t k = 0; k < known.size(); ++k) {
    RecommendedItem& item = answer.items.emplace_back();
    item.item_id = *known[k].id;
    item.score = shares[k];
    if (!request.explain) continue;
    if (by_counts) {
      item.because.push_back(by_count);
      item.because.back().amount = known[k].score;
    } else {
      item.because = Explain(scorer, state.weights, state.events, known[k].item).because;
    }
  }
  for (const GivenItem& g : unknown) {
    RecommendedItem& item = answer.items.emplace_back();
    item.item_id = *g.id;
    item.known = false;
  }
  if (!by_counts && state.profile.history.empty()) {
    answer.fallback = true;
    AddNote("no history for this person: attributes and popularity were used", &answer);
  }
  AddNotes(request.serving, state, &answer);
  return answer;
}

}  // namespace trine::recommend
