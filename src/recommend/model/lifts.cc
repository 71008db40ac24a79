#include "recommend/model/lifts.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/random.h"

namespace trine::recommend {
namespace {

// The prior weights of the columns count as much as this many observed pairs.
constexpr double kPriorPairs = 30;
constexpr double kPriorColumnWeight = 0.2;
constexpr size_t kMaxPairs = 200'000;        // pairs of neighbouring items used to measure columns
constexpr size_t kMaxLiftCells = 32u << 20;  // 128 MB; above it, cohorts have no lifts

bool IsMonth(Cohort s) { return s < static_cast<Cohort>(Statistics::kMonths); }

// Calls fn(cohort, weight) for the cohorts that `s` is smoothed over: for a month, itself with weight 1/2 and
// each neighbour with 1/4; for any other cohort, only itself.
template <typename F>
void ForEachSmoothed(Cohort s, F&& fn) {
  if (!IsMonth(s)) return fn(s, 1.0);
  fn(s, 0.5);
  fn(MonthBefore(s), 0.25);
  fn(MonthAfter(s), 0.25);
}

// Returns how similar two items are in one column, 0..1. Categories score 1 if they share a value, else 0;
// texts score the rarity of their shared tokens.
double Similarity(const ItemTable& items, const Lifts& lifts, uint16_t column, Item a, Item b) {
  const bool text = column == ItemTable::kTextColumn;
  const auto of_a = text ? items.Tokens(a) : items.Values(a);
  const auto of_b = text ? items.Tokens(b) : items.Values(b);
  if (!text) {
    return std::ranges::any_of(of_a, [&](Value v) {
      return items.ColumnOf(v) == column && std::ranges::find(of_b, v) != of_b.end();
    });
  }
  if (of_a.empty() || of_b.empty()) return 0;
  double shared = 0;
  for (const Value v : of_a) {
    if (std::ranges::find(of_b, v) != of_b.end()) shared += lifts.Rarity(v);
  }
  return shared / std::sqrt(static_cast<double>(of_a.size() * of_b.size()));
}

}  // namespace

double CohortItemLift(const Statistics& statistics, Cohort cohort, Item item) {
  TRINE_DCHECK_LT(cohort, statistics.cohort_count());
  const CohortColumn& column = statistics.cohort_column(statistics.cohort(cohort).column);
  if (column.total <= 0) return 0;
  double observed = 0, total = 0;
  ForEachSmoothed(cohort, [&](Cohort s, double weight) {
    observed += weight * statistics.cohort(s).Of(item);
    total += weight * statistics.cohort(s).total;
  });
  return Strength(Lift(observed, total * column.Of(item) / column.total));
}

void Lifts::MeasureValues(const ItemTable& items) {
  const double n = std::max<double>(1, static_cast<double>(items.catalogue_size()));
  share_.resize(items.value_count());
  rarity_.resize(items.value_count());
  const double greatest = std::log(1 + n);
  for (Value v = 0; v < items.value_count(); ++v) {
    share_[v] = static_cast<float>(items.ItemsWith(v) / n);
    rarity_[v] = static_cast<float>(std::log((1 + n) / (1 + items.ItemsWith(v))) / greatest);
  }
}

// Compares how often neighbouring items of one person agree in a column with how often items of different
// people agree in it. A column in which all items agree, or none do, carries no information about taste.
void Lifts::MeasureColumns(const ItemTable& items, const Statistics& statistics) {
  std::vector<std::pair<Item, Item>> pairs;
  for (const auto& [hash, person] : statistics.people()) {
    for (size_t k = 1; k < person.recent.size() && pairs.size() < kMaxPairs; ++k) {
      const Item a = person.recent[k - 1].item, b = person.recent[k].item;
      if (a != b && items.InCatalogue(a) && items.InCatalogue(b)) pairs.emplace_back(a, b);
    }
  }
  std::ranges::sort(pairs);  // the result must not depend on the map's order
  Random random(17);
  std::vector<double> same(items.column_count()), other(items.column_count());
  for (const auto& [a, b] : pairs) {
    const Item stranger = pairs[random.Below(pairs.size())].second;
    const auto columns = static_cast<uint16_t>(items.column_count());
    for (uint16_t c = 0; c < columns; ++c) {
      same[c] += Similarity(items, *this, c, a, b);
      other[c] += a == stranger ? 0 : Similarity(items, *this, c, a, stranger);
    }
  }
  const auto n = static_cast<double>(pairs.size());
  columns_.assign(items.column_count(), 0);
  std::vector<size_t> different(items.column_count());
  for (Value v = 0; v < items.value_count(); ++v) {
    if (items.ItemsWith(v) > 1) ++different[items.ColumnOf(v)];
  }
  double sum = 0;
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (different[c] < 2) continue;  // at most one value is shared by several items
    const double seen = n > 0 ? same[c] / n : 0, expected = n > 0 ? other[c] / n : 0;
    const double information = std::max(0.0, seen * std::log((seen + 1e-4) / (expected + 1e-4)));
    const double prior = c == ItemTable::kTextColumn ? kPriorColumnWeight / 2 : kPriorColumnWeight;
    columns_[c] = (n * information + kPriorPairs * prior) / (n + kPriorPairs);
    sum += columns_[c];
  }
  for (double& weight : columns_) weight = sum > 0 ? weight / sum : 0;
}

void Lifts::MeasureCohorts(const ItemTable& items, const Statistics& statistics) {
  const size_t values = items.value_count();
  if ((values + statistics.items()) * statistics.cohort_count() > kMaxLiftCells) return;
  for (Cohort s = 0; s < statistics.cohort_count(); ++s) {
    auto& row = items_by_cohort_.emplace_back(statistics.items());
    for (Item i = 0; i < row.size(); ++i) row[i] = static_cast<float>(CohortItemLift(statistics, s, i));
  }
  // observed[s][v]: the count of value v in cohort s. together[c][v]: its count in all cohorts of column c.
  std::vector<std::vector<float>> observed(statistics.cohort_count(), std::vector<float>(values));
  std::vector<std::vector<float>> together(statistics.cohort_column_count(), std::vector<float>(values));
  for (Cohort s = 0; s < statistics.cohort_count(); ++s) {
    const CohortCounts& cohort = statistics.cohort(s);
    for (Item i = 0; i < cohort.by_item.size(); ++i) {
      if (cohort.by_item[i] == 0 || i >= items.size()) continue;
      for (const Value v : items.Values(i)) {
        observed[s][v] += cohort.by_item[i];
        together[cohort.column][v] += cohort.by_item[i];
      }
    }
  }
  by_cohort_.assign(statistics.cohort_count(), std::vector<float>(values));
  for (Cohort s = 0; s < statistics.cohort_count(); ++s) {
    const uint16_t c = statistics.cohort(s).column;
    const double everybody = statistics.cohort_column(c).total;
    if (everybody <= 0) continue;
    double total = 0;
    ForEachSmoothed(s, [&](Cohort t, double weight) { total += weight * statistics.cohort(t).total; });
    for (Value v = 0; v < values; ++v) {
      if (together[c][v] == 0) continue;
      double count = 0;
      ForEachSmoothed(s, [&](Cohort t, double weight) { count += weight * observed[t][v]; });
      by_cohort_[s][v] = static_cast<float>(Strength(Lift(count, total * together[c][v] / everybody)));
    }
  }
}

Lifts Lifts::Build(const ItemTable& items, const Statistics& statistics) {
  Lifts lifts;
  lifts.items_version = items.version();
  lifts.folded = statistics.folded();
  lifts.MeasureValues(items);
  lifts.MeasureColumns(items, statistics);
  lifts.MeasureCohorts(items, statistics);
  TRINE_CHECK_EQ(lifts.share_.size(), items.value_count());
  TRINE_CHECK_EQ(lifts.columns_.size(), items.column_count());
  return lifts;
}

}  // namespace trine::recommend
