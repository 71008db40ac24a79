// Lifts: what follows from counts and attributes together: which columns tell taste, how common a
// value is, and which values a kind of person (or month) takes more often than others.
//
// A lift compares an observed count N with the count e that would be expected if it made no
// difference: (N - e) / (N + e + 2k), which is tanh(ln((N+k)/(e+k))/2): 0 for no difference, near 1 for
// much more, -1 for much less, and near 0 while the counts are small beside k.
#pragma once

#include <span>
#include <vector>

#include "recommend/model/item_table.h"
#include "recommend/model/statistics.h"

namespace trine::recommend {

inline constexpr double kLiftShrink = 4;
inline double Lift(double observed, double expected) {
  return (observed - expected) / (observed + expected + 2 * kLiftShrink);
}
// Strong lifts count, weak ones (mostly noise) hardly.
inline double Strength(double lift) { return lift * (lift < 0 ? -lift : lift); }

// Immutable once built; thread-safe. Values and sources that came later have no lift yet.
class Lifts {
 public:
  Lifts() = default;
  // Reads everything once: milliseconds for ten thousand items.
  static Lifts Build(const ItemTable& items, const Statistics& statistics);

  // Of 1 over all columns: how much more alike in this column the items of one person are than
  // those of different people.
  double ColumnWeight(uint16_t column) const { return column < columns_.size() ? columns_[column] : 0; }
  double Share(Value v) const { return v < share_.size() ? share_[v] : 0; }     // of the catalogue's items
  double Rarity(Value v) const { return v < rarity_.size() ? rarity_[v] : 1; }  // idf over the greatest idf
  // Strength of what a kind of person takes; 0 for tokens. Months are smoothed over their neighbours.
  double OfSource(Source s, Value v) const {
    return s < by_source_.size() && v < by_source_[s].size() ? by_source_[s][v] : 0;
  }
  std::span<const float> OfSource(Source s) const {
    return s < by_source_.size() ? std::span<const float>(by_source_[s]) : std::span<const float>();
  }
  // The same of an item by itself.
  double OfSourceItem(Source s, Item i) const {
    return s < items_by_source_.size() && i < items_by_source_[s].size() ? items_by_source_[s][i] : 0;
  }

  // What they were built from, to tell when to build again.
  uint64_t items_version = 0;
  uint64_t folded = 0;

 private:
  void MeasureValues(const ItemTable& items);
  void MeasureColumns(const ItemTable& items, const Statistics& statistics);
  void MeasureSources(const ItemTable& items, const Statistics& statistics);

  std::vector<double> columns_;
  std::vector<float> share_, rarity_;
  std::vector<std::vector<float>> by_source_, items_by_source_;
};

// Observed and expected count of one source and one item; months smoothed as above.
double SourceItemLift(const Statistics& statistics, Source source, Item item);

// The month before and after; used to smooth.
inline Source MonthBefore(Source month) { return (month + Statistics::kMonths - 1) % Statistics::kMonths; }
inline Source MonthAfter(Source month) { return (month + 1) % Statistics::kMonths; }

}  // namespace trine::recommend
