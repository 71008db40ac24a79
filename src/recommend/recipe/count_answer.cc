#include <algorithm>
#include <cmath>

#include "recommend/model/popular.h"
#include "recommend/recipe/answers.h"

namespace trine::recommend {
namespace {

constexpr uint64_t kFewEvents = 1000;      // below, the answer says that little is known
constexpr uint64_t kFewLately = 10;        // of all items, in all the time that trends know
constexpr double kTieBreak = 1e-6;         // of popularity, between items that are alike otherwise
constexpr int64_t kDefaultTrendSlots = 6;  // three hours

// People per item of the event types that count for the request.
std::vector<double> PeopleOf(const std::vector<std::string>& types, const Statistics& statistics,
                             size_t items) {
  std::vector<double> people(items, 0);
  if (types.empty()) {
    for (Item i = 0; i < items; ++i) people[i] = statistics.People(i);
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

Counted CountPeople(const Served& served, const Asked& asked) {
  const GroupCore& core = asked.core();
  const std::vector<std::string>& types = asked.meta != nullptr && !asked.meta->event_types.empty()
                                              ? asked.meta->event_types
                                              : Info(served.recipe).event_types;
  Counted counted;
  std::vector<double> people = PeopleOf(types, core.statistics, core.items.size());
  if (!types.empty() && std::ranges::all_of(people, [](double n) { return n == 0; })) {
    people = PeopleOf({}, core.statistics, core.items.size());
    counted.note = "no event of type " + Join(types) + " yet: all events counted";
  }
  for (Item i = 0; i < core.items.size(); ++i) {
    if (core.IsCandidate(i)) counted.scored.push_back({i, people[i]});
  }
  counted.cause.kind = Cause::Kind::kPopularity;
  counted.cause.value = "all";
  return counted;
}

Counted CountTrend(const Asked& asked) {
  const GroupCore& core = asked.core();
  const int64_t slots = asked.meta != nullptr ? asked.meta->trend_slots : kDefaultTrendSlots;
  const int64_t back = core.statistics.TrendEnd(slots);
  const uint64_t lately = core.statistics.AllInSlots(0, Statistics::kSlotsKept);
  // A handful of events after a long silence is no trend, whatever the silence is compared with.
  const bool silent = lately < kFewLately && core.statistics.folded() > 10 * kFewLately;
  Counted counted;
  bool any = false;
  for (Item i = 0; i < core.items.size(); ++i) {
    if (!core.IsCandidate(i)) continue;
    const double trend = silent ? 0 : Trend(core.statistics, i, slots, back);
    any = any || trend > 0;
    counted.scored.push_back({i, trend + kTieBreak * LogOnePlus(core.statistics.People(i))});
  }
  if (!any) counted.note = "nothing grows: popular items answered";
  if (back > 0) {
    counted.note += (counted.note.empty() ? "" : "; ") + std::string("hardly any event in the last ") +
                    std::to_string((back + 1) / 2) + " hours: the trend of the time before";
  }
  counted.cause.kind = Cause::Kind::kTrend;
  counted.cause.value = slots % 2 == 0 ? std::to_string(slots / 2) + "h" : "30m";
  return counted;
}

}  // namespace

Counted CountItems(const Served& served, const Asked& asked) {
  return Info(served.recipe).kind == RecipeKind::kTrending ? CountTrend(asked) : CountPeople(served, asked);
}

void AddNote(std::string_view words, Recommendation* answer) {
  if (words.empty()) return;
  if (!answer->note.empty()) answer->note += "; ";
  answer->note += words;
}

void AddNotes(const Served& served, const Asked& asked, Recommendation* answer) {
  const Statistics& statistics = asked.core().statistics;
  if (served.model.empty()) {
    AddNote("no trained model: live counters answered", answer);
  } else if (asked.model() == nullptr) {
    AddNote("the trained model cannot be read: live counters answered", answer);
  }
  if (statistics.folded() < kFewEvents) {
    AddNote("only " + std::to_string(statistics.folded()) + " interactions so far", answer);
  }
}

Result<std::vector<Placed>> PlaceRequest(const RecommendRequest& request, const Asked& asked,
                                         AnswerTools& tools, Item current,
                                         const std::vector<ScoredItem>& scored) {
  ItemFilter filter(asked, tools.cache);
  TRINE_ASSIGN(const ItemTest passes, filter.Test(request.filter, request.filter_values, current));
  std::vector<PromotedShare> promotions;
  for (const Promotion& promotion : request.promotions) {
    TRINE_ASSIGN(ItemTest test, filter.Test(promotion.filter, promotion.values, current));
    promotions.push_back({promotion.name, std::move(test), promotion.percent});
  }
  return PlaceItems(scored, request.count, passes, promotions);
}

Result<Recommendation> AnswerCounts(const RecommendRequest& request, const Asked& asked, AnswerTools& tools) {
  const Counted counted = CountItems(request.served, asked);
  TRINE_ASSIGN(const std::vector<Placed> placed, PlaceRequest(request, asked, tools, kNone, counted.scored));
  double sum = 0;
  for (const ScoredItem& s : counted.scored) sum += std::max(0.0, s.score);
  Recommendation answer;
  for (const Placed& p : placed) {
    Recommended item;
    item.item_id = asked.core().items.Id(p.item);
    item.score = sum > 0 ? std::max(0.0, p.score) / sum : 0;
    item.promotion = p.promotion;
    item.because.push_back(counted.cause);
    item.because.back().amount = p.score;
    if (!p.promotion.empty()) {
      Cause promoted;
      promoted.kind = Cause::Kind::kPromotion;
      promoted.value = p.promotion;
      item.because.push_back(std::move(promoted));
    }
    answer.items.push_back(std::move(item));
  }
  AddNote(counted.note, &answer);
  AddNotes(request.served, asked, &answer);
  return answer;
}

}  // namespace trine::recommend
