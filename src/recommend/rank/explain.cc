#include "recommend/rank/explain.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/check.h"

namespace trine::recommend {
namespace {

using Kind = Cause::Kind;

// Only this many of the newest history items get a term of their own; by default, older ones weigh about 0.1
// or less.
constexpr size_t kExplainedSteps = 8;

// A cause without its strings. They are filled in later, because most terms are dropped before.
struct ScoreTerm {
  Kind kind;
  double amount = 0;
  uint32_t index = 0;  // the number of the history item, value or cohort; kPopularity: 0 all time, 1 week
};

class ScoreTermCollector {
 public:
  ScoreTermCollector(const Scorer& scorer, const ScoreWeights& weights, Item item)
      : scorer_(scorer),
        weights_(weights),
        item_(item),
        taste_weight_(weights.taste + weights.cold_taste * scorer.Coldness(item)) {}

  std::vector<ScoreTerm> Collect() {
    terms_.reserve(64);
    AddRules(weights_.rules * scorer_.Rules(item_));
    AddRepeat(weights_.repeat * scorer_.Repeat(item_));
    for (const Value v : scorer_.items().Values(item_)) AddTaste(v);
    for (const Value v : scorer_.items().Tokens(item_)) AddTaste(v);
    for (const Cohort s : scorer_.profile().cohorts) {
      Add(scorer_.IsRegion(s) ? Kind::kRegion : Kind::kUserAttribute,
          weights_.people * scorer_.CohortShare(s, item_), s);
    }
    Add(Kind::kSeason, weights_.season * scorer_.Season(item_), scorer_.profile().month);
    Add(Kind::kPopularity, weights_.popularity * scorer_.Popularity(item_), 0);
    Add(Kind::kPopularity, weights_.recent * scorer_.RecentPopularity(item_), 1);
    return std::move(terms_);
  }

 private:
  void Add(Kind kind, double amount, uint32_t index) {
    if (amount != 0) terms_.push_back({kind, amount, index});
  }
  void AddTaste(Value v) { Add(Kind::kItemAttribute, taste_weight_ * scorer_.TasteShare(item_, v), v); }

  // One term for each of the newest history items; the share of older items is added to the strongest of
  // these terms.
  void AddRules(double total) {
    if (total == 0) return;
    const size_t first = terms_.size();
    double rest = total;
    const size_t steps = std::min(kExplainedSteps, scorer_.profile().history.size());
    for (size_t k = 0; k < steps; ++k) {
      const double amount = weights_.rules * scorer_.RuleShare(k, item_);
      Add(Kind::kEvent, amount, static_cast<uint32_t>(k));
      rest -= amount;
    }
    if (terms_.size() == first) {
      Add(Kind::kEvent, rest, static_cast<uint32_t>(scorer_.profile().history.size() - 1));
      return;
    }
    std::ranges::max_element(terms_.begin() + static_cast<std::ptrdiff_t>(first), terms_.end(), {},
                             &ScoreTerm::amount)
        ->amount += rest;
  }
  void AddRepeat(double amount) {
    if (amount == 0) return;
    const auto& history = scorer_.profile().history;
    const auto found = std::ranges::find(history, item_, &HistoryItem::item);
    Add(Kind::kEvent, amount, static_cast<uint32_t>(found - history.begin()));
  }

  const Scorer& scorer_;
  const ScoreWeights& weights_;
  const Item item_;
  const double taste_weight_;
  std::vector<ScoreTerm> terms_;
};

bool Stronger(const ScoreTerm& a, const ScoreTerm& b) { return std::abs(a.amount) > std::abs(b.amount); }

// Keeps at most `room` terms, the strongest. Every other term is added to the strongest kept term of its
// kind; terms of a kind that was not kept are summed in one last term.
void KeepStrongest(size_t room, std::vector<ScoreTerm>* terms) {
  TRINE_CHECK_GT(room, 0u);
  std::ranges::stable_sort(*terms, Stronger);
  if (terms->size() <= room) return;
  const size_t kept = room - 1;
  ScoreTerm rest = (*terms)[kept];
  rest.amount = 0;
  for (size_t i = kept; i < terms->size(); ++i) {
    const ScoreTerm& term = (*terms)[i];
    const auto begin = terms->begin(), end = begin + static_cast<std::ptrdiff_t>(kept);
    const auto kin = std::find_if(begin, end, [&](const ScoreTerm& p) { return p.kind == term.kind; });
    (kin != end ? kin->amount : rest.amount) += term.amount;
  }
  terms->resize(kept);
  if (rest.amount != 0) terms->push_back(rest);
  std::ranges::stable_sort(*terms, Stronger);
}

Cause ToCause(const ScoreTerm& term, const Scorer& scorer, const std::vector<history::Event>& events) {
  Cause cause;
  cause.kind = term.kind;
  cause.amount = term.amount;
  const ItemTable& items = scorer.items();
  const auto& history = scorer.profile().history;
  switch (term.kind) {
    case Kind::kEvent:
      if (term.index < history.size()) cause.event = events[history[term.index].event];
      break;
    case Kind::kItemAttribute: {
      const Value v = term.index;
      cause.attribute = items.ColumnName(items.ColumnOf(v));
      cause.value = items.Text(v);
      for (const HistoryItem& entry : history) {
        const auto values = items.Values(entry.item), tokens = items.Tokens(entry.item);
        if (std::ranges::find(values, v) == values.end() && std::ranges::find(tokens, v) == tokens.end())
          continue;
        cause.reason_item = items.Id(entry.item);
        break;
      }
      break;
    }
    case Kind::kUserAttribute:
    case Kind::kRegion:
    case Kind::kSeason: {
      const CohortCounts& cohort = scorer.statistics().cohort(term.index);
      cause.attribute = scorer.statistics().cohort_column(cohort.column).name;
      cause.value = cohort.value;
      break;
    }
    default:
      cause.value = term.index == 0 ? "all" : "7d";
      break;
  }
  return cause;
}

}  // namespace

Explanation Explain(const Scorer& scorer, const ScoreWeights& weights,
                    const std::vector<history::Event>& events, Item item, std::vector<Cause> more) {
  std::vector<ScoreTerm> terms = ScoreTermCollector(scorer, weights, item).Collect();
  TRINE_CHECK_LT(more.size(), kMaxCauses);
  KeepStrongest(kMaxCauses - more.size(), &terms);
  Explanation explained;
  explained.because = std::move(more);
  for (const ScoreTerm& term : terms) explained.because.push_back(ToCause(term, scorer, events));
  for (const Cause& cause : explained.because) explained.score += cause.amount;
  std::ranges::stable_sort(explained.because, [](const Cause& a, const Cause& b) {
    return std::abs(a.amount) > std::abs(b.amount);
  });
  return explained;
}

}  // namespace trine::recommend
