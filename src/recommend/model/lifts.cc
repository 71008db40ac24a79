#include "recommend/model/lifts.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace trine::recommend {
namespace {

constexpr double kPriorPairs = 30;  // weight of "every column alike" against what was seen
constexpr double kPriorColumnWeight = 0.2;
constexpr size_t kMaxPairs = 200'000;  // of neighbouring items that columns are measured on
constexpr size_t kMaxLiftCells = 32u << 20;

bool IsMonth(Source s) { return s < static_cast<Source>(Statistics::kMonths); }

// fn(source, weight) for the sources that stand for `s`: a month is half itself, a quarter each of
// its neighbours.
template <typename F>
void Smoothed(Source s, F&& fn) {
  if (!IsMonth(s)) return fn(s, 1.0);
  fn(s, 0.5);
  fn(MonthBefore(s), 0.25);
  fn(MonthAfter(s), 0.25);
}

// How alike two items are in one column: categories share a value or not; texts by the rare tokens
// they share.
double Alike(const ItemTable& items, const Lifts& lifts, uint16_t column, Item a, Item b) {
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

double SourceItemLift(const Statistics& statistics, Source source, Item item) {
  const SourceColumn& column = statistics.source_column(statistics.source(source).column);
  if (column.total <= 0) return 0;
  double observed = 0, total = 0;
  Smoothed(source, [&](Source s, double weight) {
    observed += weight * statistics.source(s).Of(item);
    total += weight * statistics.source(s).total;
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

// The share of pairs of one person's neighbouring items that agree, against pairs of different
// people: a column that everybody or nobody shares tells nothing.
void Lifts::MeasureColumns(const ItemTable& items, const Statistics& statistics) {
  std::vector<std::pair<Item, Item>> pairs;
  for (const auto& [hash, person] : statistics.people()) {
    for (size_t k = 1; k < person.recent.size() && pairs.size() < kMaxPairs; ++k) {
      const Item a = person.recent[k - 1].item, b = person.recent[k].item;
      if (a != b && items.InCatalogue(a) && items.InCatalogue(b)) pairs.emplace_back(a, b);
    }
  }
  std::ranges::sort(pairs);  // the map's order must not reach the result
  Random random(17);
  std::vector<double> same(items.column_count()), other(items.column_count());
  for (const auto& [a, b] : pairs) {
    const Item stranger = pairs[random.Below(pairs.size())].second;
    const auto columns = static_cast<uint16_t>(items.column_count());
    for (uint16_t c = 0; c < columns; ++c) {
      same[c] += Alike(items, *this, c, a, b);
      other[c] += a == stranger ? 0 : Alike(items, *this, c, a, stranger);
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
    if (different[c] < 2) continue;  // one value for all, or each its own
    const double seen = n > 0 ? same[c] / n : 0, expected = n > 0 ? other[c] / n : 0;
    const double told = std::max(0.0, seen * std::log((seen + 1e-4) / (expected + 1e-4)));
    const double prior = c == ItemTable::kTextColumn ? kPriorColumnWeight / 2 : kPriorColumnWeight;
    columns_[c] = (n * told + kPriorPairs * prior) / (n + kPriorPairs);
    sum += columns_[c];
  }
  for (double& weight : columns_) weight = sum > 0 ? weight / sum : 0;
}

void Lifts::MeasureSources(const ItemTable& items, const Statistics& statistics) {
  const size_t values = items.value_count();
  if ((values + statistics.items()) * statistics.source_count() > kMaxLiftCells) return;
  for (Source s = 0; s < statistics.source_count(); ++s) {
    auto& row = items_by_source_.emplace_back(statistics.items());
    for (Item i = 0; i < row.size(); ++i) row[i] = static_cast<float>(SourceItemLift(statistics, s, i));
  }
  // Counts by value: of each source, and of each column of sources together.
  std::vector<std::vector<float>> observed(statistics.source_count(), std::vector<float>(values));
  std::vector<std::vector<float>> together(statistics.source_column_count(), std::vector<float>(values));
  for (Source s = 0; s < statistics.source_count(); ++s) {
    const SourceCounts& source = statistics.source(s);
    for (Item i = 0; i < source.by_item.size(); ++i) {
      if (source.by_item[i] == 0 || i >= items.size()) continue;
      for (const Value v : items.Values(i)) {
        observed[s][v] += source.by_item[i];
        together[source.column][v] += source.by_item[i];
      }
    }
  }
  by_source_.assign(statistics.source_count(), std::vector<float>(values));
  for (Source s = 0; s < statistics.source_count(); ++s) {
    const uint16_t c = statistics.source(s).column;
    const double everybody = statistics.source_column(c).total;
    if (everybody <= 0) continue;
    double total = 0;
    Smoothed(s, [&](Source t, double weight) { total += weight * statistics.source(t).total; });
    for (Value v = 0; v < values; ++v) {
      if (together[c][v] == 0) continue;
      double count = 0;
      Smoothed(s, [&](Source t, double weight) { count += weight * observed[t][v]; });
      by_source_[s][v] = static_cast<float>(Strength(Lift(count, total * together[c][v] / everybody)));
    }
  }
}

Lifts Lifts::Build(const ItemTable& items, const Statistics& statistics) {
  Lifts lifts;
  lifts.items_version = items.version();
  lifts.folded = statistics.folded();
  lifts.MeasureValues(items);
  lifts.MeasureColumns(items, statistics);
  lifts.MeasureSources(items, statistics);
  return lifts;
}

}  // namespace trine::recommend
