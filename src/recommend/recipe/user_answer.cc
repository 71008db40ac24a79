#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/random.h"
#include "recommend/rank/explain.h"
#include "recommend/rank/explore.h"
#include "recommend/recipe/answers.h"

namespace trine::recommend {
namespace {

constexpr int64_t kDayMillis = 86'400'000;
constexpr double kMillisPerDay = 86'400'000.0;

std::unordered_set<Item> Bought(const Asked& asked) {
  std::unordered_set<Item> bought;
  for (const history::Event& event : asked.events) {
    if (ClassOf(event.type) != EventClass::kPurchase) continue;
    const Item item = asked.core().items.Find(event.item_id);
    if (item != kNone) bought.insert(item);
  }
  return bought;
}

// Bonuses of new items, which are also added to their scores.
std::unordered_map<Item, double> Explore(const RecommendRequest& request, const Asked& asked,
                                         const AnswerTools& tools, std::vector<ScoredItem>* scored) {
  std::unordered_map<Item, double> bonuses;
  if (request.served.exploration_weight <= 0) return bonuses;
  const GroupCore& core = asked.core();
  const int64_t now = tools.clock.Now().value;
  const uint64_t parts[2] = {static_cast<uint64_t>(now / kDayMillis), tools.request_number};
  Random random(Hash64(request.user_id + '\0' + request.session_id,
                       Hash64({reinterpret_cast<const char*>(parts), sizeof parts})));
  for (ScoredItem& s : *scored) {
    const auto born = core.BornAt(s.item);
    const double age = born ? static_cast<double>(now - *born) / kMillisPerDay : 0;
    if (age > request.served.exploration_max_age_days) continue;
    const double bonus =
        ExplorationBonus(core.statistics.Events(s.item), request.served.exploration_weight, &random);
    if (bonus <= 0) continue;
    bonuses.emplace(s.item, bonus);
    s.score += bonus;
  }
  return bonuses;
}

Cause Made(Cause::Kind kind, double amount, std::string value) {
  Cause cause;
  cause.kind = kind;
  cause.amount = amount;
  cause.value = std::move(value);
  return cause;
}

// The causes of what was placed.
std::vector<Cause> CausesOf(const Placed& placed, const Asked& asked, const Scorer& scorer,
                            const std::unordered_map<Item, double>& bonuses) {
  std::vector<Cause> more;
  if (const auto bonus = bonuses.find(placed.item); bonus != bonuses.end())
    more.push_back(Made(Cause::Kind::kExploration, bonus->second, {}));
  if (!placed.promotion.empty()) more.push_back(Made(Cause::Kind::kPromotion, 0, placed.promotion));
  return Explain(scorer, asked.blend, asked.events, placed.item, std::move(more)).because;
}

Recommendation MakeAnswer(const RecommendRequest& request, const std::vector<Placed>& placed,
                          const Asked& asked, const Scorer& scorer, const std::vector<ScoredItem>& scored,
                          const std::unordered_map<Item, double>& bonuses) {
  std::vector<ScoredItem> shown;
  shown.reserve(placed.size());
  for (const Placed& p : placed) shown.push_back({p.item, p.score});
  std::vector<double> shares;
  if (request.shares) shares = ShareOfOne(shown, scored, asked.blend.slope);
  Recommendation answer;
  for (size_t k = 0; k < placed.size(); ++k) {
    Recommended item;
    item.item_id = asked.core().items.Id(placed[k].item);
    item.score = request.shares ? shares[k] : placed[k].score;
    item.promotion = placed[k].promotion;
    if (request.explain) item.because = CausesOf(placed[k], asked, scorer, bonuses);
    answer.items.push_back(std::move(item));
  }
  return answer;
}

}  // namespace

Result<Recommendation> AnswerUser(const RecommendRequest& request, const Asked& asked, AnswerTools& tools) {
  const GroupCore& core = asked.core();
  Scorer scorer = asked.MakeScorer(tools.scratch);
  scorer.PrepareForAll();
  const std::unordered_set<Item> bought =
      Info(request.served.recipe).drops_seen ? Bought(asked) : std::unordered_set<Item>();
  std::vector<ScoredItem> scored;
  scored.reserve(core.items.size());
  for (Item i = 0; i < core.items.size(); ++i) {
    if (core.IsCandidate(i) && (bought.empty() || !bought.contains(i)))
      scored.push_back({i, scorer.Score(i)});
  }
  const auto bonuses = Explore(request, asked, tools, &scored);
  TRINE_ASSIGN(const std::vector<Placed> placed, PlaceRequest(request, asked, tools, kNone, scored));
  Recommendation answer = MakeAnswer(request, placed, asked, scorer, scored, bonuses);
  if (asked.person.history.empty()) {
    answer.fallback = true;
    AddNote(asked.person.sources.empty() ? "nothing is known of this person: popular items answered"
                                         : "no history of this person: attributes and popularity answered",
            &answer);
  }
  AddNotes(request.served, asked, &answer);
  return answer;
}

Result<Recommendation> AnswerRelated(const RecommendRequest& request, Asked& asked, AnswerTools& tools) {
  const GroupCore& core = asked.core();
  const Item seed = core.items.Find(request.item_id);
  Recommendation answer;
  const bool unknown = seed == kNone || (core.statistics.Events(seed) == 0 && !core.items.InCatalogue(seed));
  // The item stands for the person: what follows from it is what goes with it.
  asked.person = Person();
  asked.events.clear();
  if (!unknown) {
    asked.person.history.push_back({seed, 1, 0});
    history::Event& about = asked.events.emplace_back();
    about.item_id = request.item_id;
    const bool content = request.served.recipe == Recipe::kSimilarItems;
    const bool cold = core.statistics.Events(seed) < kColdEvents;
    asked.blend = !content ? RulesOnlyBlend() : cold ? ColdRelatedBlend() : RelatedBlend();
  } else {
    asked.blend = RulesOnlyBlend();
  }
  Scorer scorer = asked.MakeScorer(tools.scratch);
  scorer.PrepareForAll();
  std::vector<ScoredItem> scored;
  scored.reserve(core.items.size());
  for (Item i = 0; i < core.items.size(); ++i) {
    if (i != seed && core.IsCandidate(i)) scored.push_back({i, scorer.Score(i)});
  }
  TRINE_ASSIGN(const std::vector<Placed> placed,
               PlaceRequest(request, asked, tools, unknown ? kNone : seed, scored));
  answer = MakeAnswer(request, placed, asked, scorer, scored, {});
  if (unknown) {
    answer.fallback = true;
    AddNote("the item is not known: popular items answered", &answer);
  }
  AddNotes(request.served, asked, &answer);
  return answer;
}

}  // namespace trine::recommend
