#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "recommend/rank/explain.h"
#include "recommend/recipe/answers.h"

namespace trine::recommend {
namespace {

struct Given {
  Item item = kNone;
  const std::string* id = nullptr;
  double score = 0;
};

// Scores by counts, for recipes that do not know people.
void ScoreByCounts(const Served& served, const Asked& asked, std::vector<Given>* known, Cause* cause) {
  const Counted counted = CountItems(served, asked);
  std::vector<double> by_item(asked.core().items.size(), 0);
  for (const ScoredItem& s : counted.scored) by_item[s.item] = s.score;
  for (Given& g : *known) g.score = by_item[g.item];
  *cause = counted.cause;
}

}  // namespace

Result<Recommendation> AnswerRanking(const RankRequest& request, const Asked& asked, AnswerTools& tools) {
  const ItemTable& items = asked.core().items;
  ItemFilter filter(asked, tools.cache);
  TRINE_ASSIGN(const ItemTest passes, filter.Test(request.filter, request.filter_values, kNone));
  std::vector<Given> known, unknown;
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
  const RecipeKind kind = Info(request.served.recipe).kind;
  const bool counts = kind == RecipeKind::kPopular || kind == RecipeKind::kTrending;
  const Scorer scorer = asked.MakeScorer(tools.scratch);
  Cause by_count;
  if (counts) {
    ScoreByCounts(request.served, asked, &known, &by_count);
  } else {
    for (Given& g : known) g.score = scorer.Score(g.item);
  }
  std::ranges::stable_sort(known, [](const Given& a, const Given& b) { return a.score > b.score; });
  std::vector<ScoredItem> scores;
  scores.reserve(known.size());
  for (const Given& g : known)
    scores.push_back({g.item, counts ? std::log1p(std::max(0.0, g.score)) : g.score});
  const std::vector<double> shares = ShareOfOne(scores, scores, counts ? 1 : asked.blend.slope);
  Recommendation answer;
  for (size_t k = 0; k < known.size(); ++k) {
    Recommended& item = answer.items.emplace_back();
    item.item_id = *known[k].id;
    item.score = shares[k];
    if (!request.explain) continue;
    if (counts) {
      item.because.push_back(by_count);
      item.because.back().amount = known[k].score;
    } else {
      item.because = Explain(scorer, asked.blend, asked.events, known[k].item).because;
    }
  }
  for (const Given& g : unknown) {
    Recommended& item = answer.items.emplace_back();
    item.item_id = *g.id;
    item.known = false;
  }
  if (!counts && asked.person.history.empty()) {
    answer.fallback = true;
    AddNote("no history of this person: attributes and popularity answered", &answer);
  }
  AddNotes(request.served, asked, &answer);
  return answer;
}

}  // namespace trine::recommend
