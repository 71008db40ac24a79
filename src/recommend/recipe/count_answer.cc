#include <algorithm>
#include <cmath>

#include "recommend/model/trend.h"
#include "recommend/recipe/answers.h"
#include "recommend/recipe/item_filter.h"

namespace trine::recommend {
namespace {

constexpr uint64_t kFewEvents = 1000;  // with fewer events, the answer's note says how many there are
// If the kept slots contain fewer events than this, but older slots contained many, nothing is trending.
constexpr uint64_t kFewLately = 10;
constexpr double kTieBreak = 1e-6;         // weight of popularity; orders items with the same trend
constexpr int64_t kDefaultTrendSlots = 6;  // three hours

// People per item, over the event types that count.
std::vector<double> PeoplePerItem(const std::vector<std::string>& types, const Statistics& statistics,
                                  size_t items) {
  std::vector<double> people(items, 0);
  if (types.empty()) {
    for (Item i = 0; i < items; ++i) people[i] = statistics.PeopleWeight(i);
    return people;
  }
  for (const std::string& type : types) {
    const size_t t = statistics.FindType(type);
    if (t == statistics.type_count()) continue;
    for (Item i = 0; i < items; ++i) people[i] += statistics.PeopleOfType(i, t);
  }
  return people;
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

CountedScores ScoreByPeople(const ServingConfig& serving, const RequestState& state) {
  const GroupView& group = state.group;
  // If the solution's settings restrict the events, the group's counters contain only those that count.
  const std::vector<std::string>& recipe_types = Info(serving.recipe).event_types;
  const std::vector<std::string> types =
      group.selection() != nullptr ? group.selection()->Types() : recipe_types;
  CountedScores counts;
  std::vector<double> people =
      PeoplePerItem(group.selection() != nullptr ? std::vector<std::string>() : recipe_types,
                    group.statistics(), group.items().size());
  if (!types.empty() && std::ranges::all_of(people, [](double n) { return n == 0; })) {
    people = PeoplePerItem({}, group.all_statistics(), group.items().size());
    counts.note = "no event of type " + Join(types) + " yet: all events were counted";
  }
  for (Item i = 0; i < group.items().size(); ++i) {
    if (group.IsCandidate(i)) counts.scored.push_back({i, people[i]});
  }
  counts.cause.kind = Cause::Kind::kPopularity;
  counts.cause.value = "all";
  return counts;
}

CountedScores ScoreByTrend(const RequestState& state) {
  const GroupView& group = state.group;
  const int64_t slots = state.meta != nullptr ? state.meta->trend_slots : kDefaultTrendSlots;
  const int64_t back = group.statistics().TrendEnd(slots);
  const uint64_t lately = group.statistics().AllInSlots(0, Statistics::kSlotsKept);
  // A handful of events after a long silence is not a trend, even compared with no events at all.
  const bool silent = lately < kFewLately && group.statistics().folded() > 10 * kFewLately;
  CountedScores counts;
  bool any = false;
  for (Item i = 0; i < group.items().size(); ++i) {
    if (!group.IsCandidate(i)) continue;
    const double trend = silent ? 0 : Trend(group.statistics(), i, slots, back);
    any = any || trend > 0;
    counts.scored.push_back({i, trend + kTieBreak * LogOnePlus(group.statistics().People(i))});
  }
  if (!any) counts.note = "nothing is trending: popular items were returned";
  if (back > 0) {
    counts.note += (counts.note.empty() ? "" : "; ") + std::string("hardly any events in the last ") +
                   std::to_string((back + 1) / 2) + " hours: the trend before that was used";
  }
  counts.cause.kind = Cause::Kind::kTrend;
  counts.cause.value = slots % 2 == 0 ? std::to_string(slots / 2) + "h" : "30m";
  return counts;
}

}  // namespace

CountedScores ScoreByCounts(const ServingConfig& serving, const RequestState& state) {
  return Info(serving.recipe).kind == RecipeKind::kTrending ? ScoreByTrend(state)
                                                            : ScoreByPeople(serving, state);
}

void AddNote(std::string_view words, Recommendation* answer) {
  if (words.empty()) return;
  if (!answer->note.empty()) answer->note += "; ";
  answer->note += words;
}

void AddNotes(const ServingConfig& serving, const RequestState& state, Recommendation* answer) {
  const Statistics& statistics = state.group.all_statistics();
  if (serving.model.empty()) {
    AddNote("no trained model: live counters were used", answer);
  } else if (state.model() == nullptr) {
    AddNote("the trained model cannot be read: live counters were used", answer);
  }
  if (statistics.folded() < kFewEvents) {
    AddNote("only " + std::to_string(statistics.folded()) + " interactions so far", answer);
  }
}

Result<std::vector<PlacedItem>> PlaceItemsFor(const RecommendRequest& request, const RequestState& state,
                                              AnswerDependencies& dependencies, Item current,
                                              const std::vector<ScoredItem>& scored) {
  ItemFilter filter(state, dependencies.cache);
  TRINE_ASSIGN(const ItemTest passes, filter.Test(request.filter, request.filter_values, current));
  std::vector<PromotedShare> promotions;
  for (const Promotion& promotion : request.promotions) {
    TRINE_ASSIGN(ItemTest test, filter.Test(promotion.filter, promotion.values, current));
    promotions.push_back({promotion.name, std::move(test), promotion.percent});
  }
  return PlaceItems(scored, request.count, passes, promotions);
}

Result<Recommendation> AnswerCounts(const RecommendRequest& request, const RequestState& state,
                                    AnswerDependencies& dependencies) {
  const CountedScores counts = ScoreByCounts(request.serving, state);
  TRINE_ASSIGN(const std::vector<PlacedItem> placed,
               PlaceItemsFor(request, state, dependencies, kNone, counts.scored));
  double sum = 0;
  for (const ScoredItem& s : counts.scored) sum += std::max(0.0, s.score);
  Recommendation answer;
  for (const PlacedItem& p : placed) {
    RecommendedItem item;
    item.item_id = state.group.items().Id(p.item);
    item.score = sum > 0 ? std::max(0.0, p.score) / sum : 0;
    item.promotion = p.promotion;
    item.because.push_back(counts.cause);
    item.because.back().amount = p.score;
    if (!p.promotion.empty()) {
      Cause promoted;
      promoted.kind = Cause::Kind::kPromotion;
      promoted.value = p.promotion;
      item.because.push_back(std::move(promoted));
    }
    answer.items.push_back(std::move(item));
  }
  AddNote(counts.note, &answer);
  AddNotes(request.serving, state, &answer);
  return answer;
}

}  // namespace trine::recommend
