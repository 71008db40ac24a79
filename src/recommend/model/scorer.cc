#include "recommend/model/scorer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace trine::recommend {
namespace {

// Rules from items further back in the history are ignored: .75^48 is a millionth.
constexpr size_t kMaxRuleAge = 48;

// Lookup tables for small arguments; nearly all arguments are small.
const std::array<double, 4096> kLogOnePlus = [] {
  std::array<double, 4096> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = std::log1p(static_cast<double>(i));
  return table;
}();
const std::array<double, kMaxItemTokens + 1> kInverseRoot = [] {
  std::array<double, kMaxItemTokens + 1> table{};  // 0 for an item without tokens
  for (size_t i = 1; i < table.size(); ++i) table[i] = 1 / std::sqrt(static_cast<double>(i));
  return table;
}();

double InverseRoot(size_t n) {
  return n < kInverseRoot.size() ? kInverseRoot[n] : 1 / std::sqrt(static_cast<double>(n));
}

}  // namespace

double LogOnePlus(uint32_t n) {
  return n < kLogOnePlus.size() ? kLogOnePlus[n] : std::log1p(static_cast<double>(n));
}

Scorer::Scorer(const ItemTable& items, const Statistics& statistics, const Lifts& lifts,
               const RuleSource& rules, const ScoreWeights& weights, std::span<const char> ignored,
               const UserProfile& profile, ScorerScratch* scratch)
    : items_(items),
      statistics_(statistics),
      lifts_(lifts),
      rules_(rules),
      weights_(weights),
      ignored_(ignored),
      profile_(profile),
      scratch_(*scratch) {
  // If another Scorer were still using the scratch, its entries would be added to this Scorer's scores.
  TRINE_CHECK(scratch_.rule_items.empty() && scratch_.repeat_items.empty() && scratch_.taste_values.empty());
  if (scratch_.rules.size() < items.size()) {
    scratch_.rules.resize(items.size());
    scratch_.repeat.resize(items.size());
  }
  if (scratch_.taste.size() < items.value_count()) {
    scratch_.taste.resize(items.value_count());
    scratch_.combined.resize(items.value_count());
    scratch_.tasted.resize(items.value_count() / 64 + 1);
  }
  if (statistics.weighted() && statistics.MostPeopleWeight() > 0) {
    popularity_scale_ = 1 / std::log1p(statistics.MostPeopleWeight());
  } else if (statistics.MostPeople() > 0) {
    popularity_scale_ = 1 / LogOnePlus(statistics.MostPeople());
  }
  const uint32_t most = statistics.MostInWindow(Window::kWeek);
  if (most > 0) recent_scale_ = 1 / LogOnePlus(most);
  AddHistoryRules();
  AddTaste();
  Combine();
}

Scorer::~Scorer() {
  for (const Item i : scratch_.rule_items) scratch_.rules[i] = 0;
  for (const Item i : scratch_.repeat_items) scratch_.repeat[i] = 0;
  for (const Value v : scratch_.taste_values) {
    scratch_.taste[v] = 0;
    scratch_.tasted[v / 64] = 0;
  }
  scratch_.rule_items.clear();
  scratch_.repeat_items.clear();
  scratch_.taste_values.clear();
}

void Scorer::PrepareForAll() {
  scratch_.tokens.assign(items_.size(), 0);
  for (const Value v : scratch_.taste_values) {
    if (scratch_.taste[v] == 0) continue;
    const double taste = scratch_.taste[v];
    for (const Item i : items_.ItemsWithToken(v)) scratch_.tokens[i] += taste;
  }
  for_all_ = true;
}

void Scorer::AddHistoryRules() {
  double age = 1;
  for (size_t k = 0; k < profile_.history.size(); ++k, age *= weights_.age_decay) {
    const HistoryItem& entry = profile_.history[k];
    TRINE_DCHECK_LT(entry.item, items_.size());
    if (scratch_.repeat[entry.item] == 0) scratch_.repeat_items.push_back(entry.item);
    scratch_.repeat[entry.item] = static_cast<float>(entry.times / (entry.times + kRepeatHalf));
    if (k >= kMaxRuleAge) continue;
    const double weight = steps_.emplace_back(age * entry.weight);
    rules_.ForEach(entry.item, [&](Item b, double m) {
      if (scratch_.rules[b] == 0) scratch_.rule_items.push_back(b);
      scratch_.rules[b] += static_cast<float>(weight * m);
    });
  }
  float strongest = 0;
  for (const Item i : scratch_.rule_items) strongest = std::max(strongest, scratch_.rules[i]);
  rule_scale_ = 1 / (strongest + kRuleConfidence);
}

void Scorer::AddTaste() {
  double all = 0, decay = 1;
  for (const HistoryItem& entry : profile_.history) {
    const double weight = decay * entry.weight;
    decay *= kTasteDecay;
    all += weight;
    const auto add = [&](std::span<const Value> values) {
      for (const Value v : values) {
        if (scratch_.taste[v] == 0) scratch_.taste_values.push_back(v);
        scratch_.taste[v] += static_cast<float>(weight);
      }
    };
    add(items_.Values(entry.item));
    add(items_.Tokens(entry.item));
  }
  const double scale = 1 / (all + kTasteShrink);
  for (const Value v : scratch_.taste_values) {
    const uint16_t column = items_.ColumnOf(v);
    const double above = std::max(0.0, scratch_.taste[v] * scale - lifts_.Share(v) * all * scale);
    const double notable = column == ItemTable::kTextColumn ? lifts_.Rarity(v) : 0.5 + 0.5 * lifts_.Rarity(v);
    const double weight = Ignored(column) ? 0 : lifts_.ColumnWeight(column);
    scratch_.taste[v] = static_cast<float>(weight * notable * above);
    if (scratch_.taste[v] != 0) scratch_.tasted[v / 64] |= uint64_t{1} << (v % 64);
  }
}

// Computes, for each value, the sum of its taste, cohort and season terms. An item's score contains this sum
// for each of its values.
void Scorer::Combine() {
  auto& combined = scratch_.combined;
  std::ranges::fill(combined, 0.0F);
  const auto add = [&](Cohort s, double weight) {
    const auto row = lifts_.ValueLifts(s);
    const auto w = static_cast<float>(weight);
    for (size_t v = 0; v < row.size(); ++v) combined[v] += w * row[v];
  };
  for (const Cohort s : profile_.cohorts) {
    add(s, weights_.people / static_cast<double>(profile_.cohorts.size()));
  }
  if (profile_.month != kNone) add(profile_.month, weights_.season);
  if (std::ranges::find(ignored_, 1) != ignored_.end()) {
    for (size_t v = 0; v < combined.size(); ++v) {
      if (Ignored(items_.ColumnOf(static_cast<Value>(v)))) combined[v] = 0;
    }
  }
  for (const Value v : scratch_.taste_values)
    combined[v] += static_cast<float>(weights_.taste) * scratch_.taste[v];
}

// An item that nobody had a chance to use yet is not unpopular, so a cold item has a minimum popularity: half
// of the mean for an item without events, falling to 0 at kColdEvents.
double Scorer::Popularity(Item i, double coldness) const {
  const double own =
      statistics_.weighted() ? std::log1p(statistics_.PeopleWeight(i)) : LogOnePlus(statistics_.People(i));
  const double usual = 0.5 * coldness * statistics_.MeanLogPeople();
  return std::max(own, usual) * popularity_scale_;
}
double Scorer::RecentPopularity(Item i) const {
  const uint32_t events = statistics_.InWindow(i, Window::kWeek);
  if (statistics_.weighted()) return std::log1p(events * statistics_.EventWeight(i)) * recent_scale_;
  return LogOnePlus(events) * recent_scale_;
}

// This runs for every item of the catalogue, so it looks up each value and token only once. The same pass
// computes the extra taste that cold items need.
double Scorer::Score(Item i) const {
  TRINE_DCHECK_LT(i, items_.size());
  const double by_token = TokenTaste(i);
  double by_value = 0, value_taste = 0;
  const double coldness = Coldness(i);
  for (const Value v : items_.Values(i)) {
    by_value += scratch_.combined[v];
    value_taste += scratch_.taste[v];
  }
  double by_cohort = 0;
  for (const Cohort s : profile_.cohorts) by_cohort += lifts_.ItemLift(s, i);
  if (by_cohort != 0) by_cohort /= static_cast<double>(profile_.cohorts.size());
  const double season = profile_.month == kNone ? 0 : lifts_.ItemLift(profile_.month, i);
  return by_value + weights_.taste * by_token + weights_.cold_taste * coldness * (value_taste + by_token) +
         weights_.people * by_cohort + weights_.season * season + weights_.rules * Rules(i) +
         weights_.repeat * Repeat(i) + weights_.popularity * Popularity(i, coldness) +
         weights_.recent * RecentPopularity(i);
}

// Tokens have no cohort or season lifts, so they add taste only. Most tokens have taste 0. A bit in `tasted`
// shows this without a read of `taste`, which takes 32 times as much memory.
double Scorer::TokenTaste(Item i) const {
  const auto tokens = items_.Tokens(i);
  if (for_all_ && items_.InTokenLists(i)) return scratch_.tokens[i] * InverseRoot(tokens.size());
  double sum = 0;
  const uint64_t* tasted = scratch_.tasted.data();
  for (const Value v : tokens) {
    if ((tasted[v / 64] >> (v % 64) & 1) != 0) sum += scratch_.taste[v];
  }
  return sum == 0 ? 0 : sum * InverseRoot(tokens.size());
}

double Scorer::Coldness(Item i) const {
  const uint64_t events = statistics_.SeenEvents(i);
  return events >= kColdEvents ? 0 : 1 - static_cast<double>(events) / kColdEvents;
}

double Scorer::Taste(Item i) const {
  double taste = TokenTaste(i);
  for (const Value v : items_.Values(i)) taste += scratch_.taste[v];
  return taste;
}

double Scorer::RuleShare(size_t entry, Item i) const {
  if (entry >= steps_.size()) return 0;
  return steps_[entry] * rules_.Find(profile_.history[entry].item, i) * rule_scale_;
}

double Scorer::TasteShare(Item i, Value v) const {
  const double share = scratch_.taste[v];
  if (items_.ColumnOf(v) != ItemTable::kTextColumn) return share;
  return share * InverseRoot(items_.Tokens(i).size());
}

double Scorer::CohortShare(Cohort s, Item i) const {
  TRINE_DCHECK(!profile_.cohorts.empty());
  double lift = lifts_.ItemLift(s, i);
  for (const Value v : items_.Values(i)) {
    if (!Ignored(items_.ColumnOf(v))) lift += lifts_.ValueLift(s, v);
  }
  return lift / static_cast<double>(profile_.cohorts.size());
}

bool Scorer::IsRegion(Cohort s) const {
  return IsRegionColumn(statistics_.cohort_column(statistics_.cohort(s).column).name);
}

double Scorer::Season(Item i) const {
  if (profile_.month == kNone) return 0;
  double lift = lifts_.ItemLift(profile_.month, i);
  for (const Value v : items_.Values(i)) {
    if (!Ignored(items_.ColumnOf(v))) lift += lifts_.ValueLift(profile_.month, v);
  }
  return lift;
}

ScoreComponents Scorer::Measure(Item i) const {
  ScoreComponents components;
  components.rules = Rules(i);
  components.taste = Taste(i);
  components.cold = Coldness(i) * components.taste;
  for (const Cohort s : profile_.cohorts)
    (IsRegion(s) ? components.region : components.people) += CohortShare(s, i);
  components.season = Season(i);
  components.popularity = Popularity(i);
  components.recent = RecentPopularity(i);
  components.repeat = Repeat(i);
  return components;
}

}  // namespace trine::recommend
