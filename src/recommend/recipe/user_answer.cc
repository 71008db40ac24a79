#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/random.h"
#include "recommend/rank/explain.h"
#include "recommend/rank/explore.h"
#include "recommend/recipe/answers.h"

namespace trine::recommend {
namespace {

// Adds exploration bonuses to the scores of new items, and returns the bonuses.
std::unordered_map<Item, double> Explore(const RecommendRequest& request, const RequestState& state,
                                         const AnswerDependencies& dependencies,
                                         std::vector<ScoredItem>* scored) {
  std::unordered_map<Item, double> bonuses;
  if (request.serving.exploration_weight <= 0) return bonuses;
  const GroupView& group = state.group;
  const int64_t now = dependencies.clock.Now().value;
  const uint64_t parts[2] = {static_cast<uint64_t>(now / kDayMillis), dependencies.request_number};
  Random random(Hash64(request.user_id + '\0' + request.session_id,
                       Hash64({reinterpret_cast<const char*>(parts), sizeof parts})));
  const double reach = ScoreReach(*scored);
  for (ScoredItem& s : *scored) {
    const auto born = group.AvailableSince(s.item);
    const double age = born ? static_cast<double>(now - *born) / static_cast<double>(kDayMillis) : 0;
    if (age > request.serving.exploration_max_age_days) continue;
    const double bonus = ExplorationBonus(group.all_statistics().Events(s.item),
                                          request.serving.exploration_weight, reach, &random);
    if (bonus <= 0) continue;
    bonuses.emplace(s.item, bonus);
    s.score += bonus;
  }
  return bonuses;
}

Cause MakeCause(Cause::Kind kind, double amount, std::string value) {
  Cause cause;
  cause.kind = kind;
  cause.amount = amount;
  cause.value = std::move(value);
  return cause;
}

// The parts of an answer. `events` is the list that HistoryItem::event of the scorer's profile indexes.
struct AnswerParts {
  const RequestState& state;
  const Scorer& scorer;
  const std::vector<history::Event>& events;
  const std::vector<ScoredItem>& scored;
  const std::unordered_map<Item, double>& bonuses;
};

// The causes of a placed item.
std::vector<Cause> CausesOf(const PlacedItem& placed, const AnswerParts& parts) {
  const auto& bonuses = parts.bonuses;
  std::vector<Cause> more;
  if (const auto bonus = bonuses.find(placed.item); bonus != bonuses.end())
    more.push_back(MakeCause(Cause::Kind::kExploration, bonus->second, {}));
  if (!placed.promotion.empty()) more.push_back(MakeCause(Cause::Kind::kPromotion, 0, placed.promotion));
  return Explain(parts.scorer, parts.state.weights, parts.events, placed.item, std::move(more)).because;
}

Recommendation MakeAnswer(const RecommendRequest& request, const std::vector<PlacedItem>& placed,
                          const AnswerParts& parts) {
  std::vector<ScoredItem> shown;
  shown.reserve(placed.size());
  for (const PlacedItem& p : placed) shown.push_back({p.item, p.score});
  std::vector<double> shares;
  if (request.shares) shares = ShareOfOne(shown, parts.scored, parts.state.weights.slope);
  Recommendation answer;
  for (size_t k = 0; k < placed.size(); ++k) {
    RecommendedItem item;
    item.item_id = parts.state.group.items().Id(placed[k].item);
    item.score = request.shares ? shares[k] : placed[k].score;
    item.promotion = placed[k].promotion;
    if (request.explain) item.because = CausesOf(placed[k], parts);
    answer.items.push_back(std::move(item));
  }
  return answer;
}

}  // namespace

Result<Recommendation> AnswerUser(const RecommendRequest& request, const RequestState& state,
                                  AnswerDependencies& dependencies) {
  const GroupView& group = state.group;
  Scorer scorer = state.MakeScorer(dependencies.scratch);
  scorer.PrepareForAll();
  const std::unordered_set<Item> bought =
      Info(request.serving.recipe).drops_seen ? BoughtItems(state) : std::unordered_set<Item>();
  std::vector<ScoredItem> scored;
  scored.reserve(group.items().size());
  for (Item i = 0; i < group.items().size(); ++i) {
    if (group.IsCandidate(i) && (bought.empty() || !bought.contains(i)))
      scored.push_back({i, scorer.Score(i)});
  }
  const auto bonuses = Explore(request, state, dependencies, &scored);
  TRINE_ASSIGN(const std::vector<PlacedItem> placed,
               PlaceItemsFor(request, state, dependencies, kNone, scored));
  Recommendation answer = MakeAnswer(request, placed, {state, scorer, state.events, scored, bonuses});
  if (state.profile.history.empty()) {
    answer.fallback = true;
    AddNote(state.profile.cohorts.empty() ? "nothing is known about this person: popular items were returned"
                                          : "no history for this person: attributes and popularity were used",
            &answer);
  }
  AddNotes(request.serving, state, &answer);
  return answer;
}

Result<Recommendation> AnswerRelated(const RecommendRequest& request, RequestState& state,
                                     AnswerDependencies& dependencies) {
  const GroupView& group = state.group;
  const Item seed = group.items().Find(request.item_id);
  const bool unknown =
      seed == kNone || (group.all_statistics().Events(seed) == 0 && !group.items().InCatalogue(seed));
  // For scoring, the item takes the place of the person: a history with this one item leads to related items.
  // Filters still see the person's own history.
  state.profile = UserProfile();
  std::vector<history::Event> about;
  if (!unknown) {
    state.profile.history.push_back({seed, 1, 0});
    about.emplace_back().item_id = request.item_id;
    const bool content = request.serving.recipe == Recipe::kSimilarItems;
    const bool cold = group.statistics().Events(seed) < kColdEvents;
    state.weights = !content ? RulesOnlyWeights() : cold ? ColdRelatedItemWeights() : RelatedItemWeights();
  } else {
    state.weights = RulesOnlyWeights();
  }
  Scorer scorer = state.MakeScorer(dependencies.scratch);
  scorer.PrepareForAll();
  const std::unordered_set<Item> bought =
      Info(request.serving.recipe).drops_seen ? BoughtItems(state) : std::unordered_set<Item>();
  std::vector<ScoredItem> scored;
  scored.reserve(group.items().size());
  for (Item i = 0; i < group.items().size(); ++i) {
    if (i != seed && group.IsCandidate(i) && !bought.contains(i)) scored.push_back({i, scorer.Score(i)});
  }
  TRINE_ASSIGN(const std::vector<PlacedItem> placed,
               PlaceItemsFor(request, state, dependencies, unknown ? kNone : seed, scored));
  Recommendation answer = MakeAnswer(request, placed, {state, scorer, about, scored, {}});
  if (unknown) {
    answer.fallback = true;
    AddNote("unknown item: popular items were returned", &answer);
  }
  AddNotes(request.serving, state, &answer);
  return answer;
}

}  // namespace trine::recommend
