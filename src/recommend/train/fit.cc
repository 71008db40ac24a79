#include "recommend/train/fit.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "base/limits.h"
#include "recommend/model/trend.h"

namespace trine::recommend {
namespace {

constexpr size_t kMaxBasket = 60;     // items of one purchase; further ones are ignored
constexpr size_t kMaxDistinct = 500;  // distinct items per person; only the newest are paired
// A profile is built from at most this many events before the held-out ones, as many as serving reads.
constexpr uint64_t kReadEvents = limits::kUserHistoryForServing;

Error Stopped() { return Error(ErrorCode::kStopped, "training was stopped"); }

std::vector<uint64_t> EventsByTime(const TrainingData& data, const std::vector<char>& used) {
  std::vector<uint64_t> order;
  for (uint64_t at = 0; at < data.events.size(); ++at) {
    if (used[at] != 0) order.push_back(at);
  }
  std::ranges::stable_sort(order, {}, [&](uint64_t at) { return data.events[at].time; });
  return order;
}

// By item: 1 if the number of its events is outside the plan's percentiles. Empty if the plan sets none.
std::vector<char> SkippedItems(const TrainingData& data, const std::vector<char>& used,
                               const RecipePlan& plan) {
  if (plan.least_item_events <= 0 && plan.greatest_item_events >= 1) return {};
  std::vector<uint64_t> events(data.items.size(), 0);
  for (uint64_t at = 0; at < data.events.size(); ++at) events[data.events[at].item] += used[at] != 0 ? 1 : 0;
  std::vector<uint64_t> sorted;
  for (const uint64_t n : events) {
    if (n > 0) sorted.push_back(n);
  }
  if (sorted.empty()) return {};
  std::ranges::sort(sorted);
  const auto at = [&](double share) {
    return sorted[static_cast<size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1))];
  };
  const uint64_t least = at(plan.least_item_events), greatest = at(plan.greatest_item_events);
  std::vector<char> skipped(events.size(), 0);
  for (size_t i = 0; i < events.size(); ++i) skipped[i] = events[i] < least || events[i] > greatest ? 1 : 0;
  return skipped;
}

// Cuts the events of a person into sequences.
class Sequencer {
 public:
  Sequencer(const TrainingData& data, const std::vector<char>& used, const RecipePlan& plan)
      : data_(data), used_(used), plan_(plan), skipped_items_(SkippedItems(data, used, plan)) {
    if (!plan.events.Weighted()) return;
    for (const std::string& type : data.types)
      type_weights_.push_back(static_cast<float>(plan.events.WeightOf(type).value_or(1)));
  }

  void Add(const TrainingPerson& person, Sequences* out) {
    switch (plan_.sequence_kind) {
      case SequenceKind::kNothing:
        return;
      case SequenceKind::kPerson:
        return AddOrdered(person, out);
      case SequenceKind::kBasket:
        return AddBaskets(person, out);
      case SequenceKind::kDistinct:
        return AddDistinct(person, out);
    }
  }

 private:
  void AddOrdered(const TrainingPerson& person, Sequences* out) {
    for (uint64_t at = person.begin; at < person.end; ++at) {
      if (!Counts(at)) continue;
      if (sequence_.empty() || sequence_.back() != data_.events[at].item) {
        Append(at);
      } else {
        Strengthen(sequence_.size() - 1, at);
      }
    }
    Finish(out);
  }
  void AddDistinct(const TrainingPerson& person, Sequences* out) {
    for (uint64_t at = person.end; at-- > person.begin && sequence_.size() < kMaxDistinct;) {
      if (Counts(at)) AppendNew(at);
    }
    Finish(out);
  }
  void AddBaskets(const TrainingPerson& person, Sequences* out) {
    const TrainingEvent* before = nullptr;
    for (uint64_t at = person.begin; at < person.end; ++at) {
      const TrainingEvent& event = data_.events[at];
      if (!Counts(at)) continue;
      const bool together = before != nullptr && ((event.session != 0 && event.session == before->session) ||
                                                  event.time / kDayMillis == before->time / kDayMillis);
      if (!together) Finish(out);
      if (sequence_.size() < kMaxBasket) AppendNew(at);
      before = &event;
    }
    Finish(out);
  }

  bool Counts(uint64_t at) const {
    return used_[at] != 0 && (skipped_items_.empty() || skipped_items_[data_.events[at].item] == 0);
  }
  void Append(uint64_t at) {
    sequence_.push_back(data_.events[at].item);
    if (weighted()) weights_.push_back(type_weights_[data_.events[at].type]);
  }
  // Appends the item unless the sequence has it already; then its position keeps the greater weight.
  void AppendNew(uint64_t at) {
    const auto found = std::ranges::find(sequence_, data_.events[at].item);
    if (found == sequence_.end()) {
      Append(at);
    } else {
      Strengthen(static_cast<size_t>(found - sequence_.begin()), at);
    }
  }
  void Strengthen(size_t position, uint64_t at) {
    if (weighted()) weights_[position] = std::max(weights_[position], type_weights_[data_.events[at].type]);
  }
  void Finish(Sequences* out) {
    if (!sequence_.empty()) out->Add(sequence_);
    out->weights.insert(out->weights.end(), weights_.begin(), weights_.end());
    sequence_.clear();
    weights_.clear();
  }
  bool weighted() const { return !type_weights_.empty(); }

  const TrainingData& data_;
  const std::vector<char>& used_;
  const RecipePlan& plan_;
  const std::vector<char> skipped_items_;  // by item; empty: none
  std::vector<float> type_weights_;        // by type; empty: all types weigh the same
  std::vector<Item> sequence_;
  std::vector<float> weights_;  // parallel to sequence_; empty without weights
};

// The shortest and longest history, inclusive, that the plan's percentiles allow.
std::pair<size_t, size_t> HistoryBounds(const TrainingData& data, const RecipePlan& plan) {
  if (plan.least_history <= 0 && plan.greatest_history >= 1) return {0, SIZE_MAX};
  std::vector<size_t> lengths;
  for (const TrainingPerson& p : data.people) lengths.push_back(p.end - p.begin);
  std::ranges::sort(lengths);
  if (lengths.empty()) return {0, SIZE_MAX};
  const auto at = [&](double share) {
    return lengths[static_cast<size_t>(std::clamp(share, 0.0, 1.0) *
                                       static_cast<double>(lengths.size() - 1))];
  };
  return {plan.least_history > 0 ? at(plan.least_history) : 0,
          plan.greatest_history < 1 ? at(plan.greatest_history) : SIZE_MAX};
}

}  // namespace

Result<FittedModel> FitModel(const TrainingData& data, const std::vector<char>& used, const RecipePlan& plan,
                             const std::stop_token& stop) {
  TRINE_CHECK_EQ(used.size(), data.events.size());
  FittedModel fit;
  fit.statistics = Statistics(plan.events);
  std::vector<size_t> types;
  for (const std::string& type : data.types) types.push_back(fit.statistics.InternType(type));
  fit.statistics.BeginBulk();
  for (const uint64_t at : EventsByTime(data, used)) {
    if (++fit.events % 65536 == 0 && stop.stop_requested()) return Stopped();
    const TrainingEvent& e = data.events[at];
    const TrainingPerson& person = data.people[e.person];
    fit.statistics.Count({e.item, person.hash, Millis{e.time}, e.event_class, types[e.type], e.session},
                         data.now, false, [&] { return person.attributes; });
  }
  fit.statistics.EndBulk();
  fit.lifts = Lifts::Build(data.items, fit.statistics);
  Sequences sequences;
  Sequencer sequencer(data, used, plan);
  const auto [least, greatest] = HistoryBounds(data, plan);
  for (const TrainingPerson& person : data.people) {
    const size_t length = person.end - person.begin;
    if (length >= least && length <= greatest) sequencer.Add(person, &sequences);
  }
  fit.rules = FitRules(sequences, data.items.size(), plan.rules, [&] { return stop.stop_requested(); });
  if (stop.stop_requested()) return Stopped();
  return fit;
}

std::vector<Item> Targets(const TrainingData& data, const HeldOut& held) {
  TRINE_CHECK_LE(held.split, held.end);
  TRINE_CHECK_LE(held.end, data.events.size());
  std::vector<Item> targets;
  for (uint64_t at = held.split; at < held.end; ++at) targets.push_back(data.events[at].item);
  std::ranges::sort(targets);
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

UserProfile ProfileBefore(const TrainingData& data, const Statistics& statistics, const HeldOut& held,
                          bool newest, const EventSelection& events) {
  TRINE_CHECK_LE(held.begin, held.split);
  TRINE_CHECK_LT(held.person, data.people.size());
  UserProfile person;
  double greatest = 0;
  const uint64_t begin = std::max(held.begin, held.split - std::min<uint64_t>(held.split, kReadEvents));
  for (uint64_t at = held.split; at-- > begin && !(newest && !person.history.empty());) {
    const TrainingEvent& e = data.events[at];
    const double weight = events.WeightOf(data.types[e.type]).value_or(TasteWeight(e.event_class));
    if (weight <= 0) continue;
    greatest = std::max(greatest, weight);
    const auto known = std::ranges::find(person.history, e.item, &HistoryItem::item);
    if (known == person.history.end()) {
      person.history.push_back({e.item, weight, at, weight});
    } else {
      known->weight = std::max(known->weight, weight);
      known->times += weight;
    }
  }
  for (HistoryItem& entry : person.history) {
    entry.weight /= greatest;
    entry.times /= greatest;
  }
  for (const auto& [column, value] : data.people[held.person].attributes) {
    const Cohort cohort = statistics.FindCohort(column, value);
    if (cohort != kNone) person.cohorts.push_back(cohort);
  }
  if (held.split < held.end)
    person.month = static_cast<Cohort>(MonthOf(Millis{data.events[held.split].time}));
  return person;
}

std::vector<char> IgnoredColumns(const ItemTable& items, const ColumnChoice& columns) {
  std::vector<char> ignored(items.column_count(), 0);
  for (uint16_t c = 0; c < ignored.size(); ++c) {
    if (c != ItemTable::kTextColumn && !columns.Uses(items.ColumnName(c))) ignored[c] = 1;
  }
  const auto& texts = items.text_columns();
  const auto excluded = [&](const std::string& name) {
    return std::ranges::find(columns.excluded, name) != columns.excluded.end();
  };
  const auto used = [&](const std::string& name) { return columns.Uses(name); };
  if (std::ranges::any_of(texts, excluded) || (!texts.empty() && std::ranges::none_of(texts, used)))
    ignored[ItemTable::kTextColumn] = 1;
  return ignored;
}

OfflineRanker::OfflineRanker(const TrainingData& data, const FittedModel& fit, const RecipePlan& plan,
                             const TrainingSpec& spec)
    : data_(data),
      fit_(fit),
      plan_(plan),
      kind_(Info(spec.recipe).kind),
      rows_(fit.rules),
      ignored_(IgnoredColumns(data.items, ColumnsOf(spec, "items"))),
      candidate_(data.items.size(), 0),
      scores_(data.items.size()) {
  for (Item i = 0; i < data.items.size(); ++i) {
    candidate_[i] = fit.statistics.Events(i) > 0 || data.items.InCatalogue(i) ? 1 : 0;
    candidates_ += static_cast<size_t>(candidate_[i]);
  }
}

Scorer OfflineRanker::MakeScorer(const UserProfile& person, const ScoreWeights& weights) {
  return Scorer(data_.items, fit_.statistics, fit_.lifts, RuleSource{&rows_, nullptr, nullptr}, weights,
                ignored_, person, &scratch_);
}

const std::vector<double>& OfflineRanker::Scores(const HeldOut& held, const ScoreWeights& weights) {
  constexpr double kNever = std::numeric_limits<double>::lowest();
  if (kind_ == RecipeKind::kPopular || kind_ == RecipeKind::kTrending) {
    const int64_t back = kind_ == RecipeKind::kTrending ? fit_.statistics.TrendEnd(plan_.trend_slots) : 0;
    for (Item i = 0; i < scores_.size(); ++i) {
      scores_[i] = candidate_[i] == 0              ? kNever
                   : kind_ == RecipeKind::kPopular ? fit_.statistics.PeopleWeight(i)
                                                   : Trend(fit_.statistics, i, plan_.trend_slots, back);
    }
    return scores_;
  }
  const bool related = kind_ == RecipeKind::kRelated;
  const UserProfile person = ProfileBefore(data_, fit_.statistics, held, related, plan_.events);
  Scorer scorer = MakeScorer(person, weights);
  scorer.PrepareForAll();
  for (Item i = 0; i < scores_.size(); ++i) scores_[i] = candidate_[i] == 0 ? kNever : scorer.Score(i);
  if (related && !person.history.empty()) scores_[person.history[0].item] = kNever;
  return scores_;
}

std::vector<Item> OfflineRanker::Best(const HeldOut& held, const ScoreWeights& weights, size_t k) {
  const std::vector<double>& scores = Scores(held, weights);
  std::vector<Item> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  k = std::min(k, candidates_);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
                    [&](Item a, Item b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  order.resize(k);
  return order;
}

void OfflineRanker::Measure(const HeldOut& held,
                            const std::function<void(Item, const ScoreComponents&)>& fn) {
  const UserProfile person = ProfileBefore(data_, fit_.statistics, held, false, plan_.events);
  const Scorer scorer = MakeScorer(person, plan_.weights);
  for (Item i = 0; i < scores_.size(); ++i) {
    if (candidate_[i] != 0) fn(i, scorer.Measure(i));
  }
}

}  // namespace trine::recommend
