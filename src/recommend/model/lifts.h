// Lifts: statistics derived from counts and attributes together: the weight of each column in taste, the
// rarity of each value, and the values and items that a cohort (the people who share one attribute value, or
// everybody in one month) prefers.
//
// A lift compares an observed count N with the count e that would be expected if the cohort had no effect.
// With a shrinkage constant k, the lift is (N - e) / (N + e + 2k) = tanh(ln((N+k)/(e+k))/2): 0 if N equals e,
// near 1 if N is much greater, near -1 if N is much smaller, and near 0 while both counts are small compared
// with k.
#pragma once

#include <span>
#include <vector>

#include "recommend/model/item_table.h"
#include "recommend/model/statistics.h"

namespace trine::recommend {

inline constexpr double kLiftShrink = 4;  // k above
inline double Lift(double observed, double expected) {
  return (observed - expected) / (observed + expected + 2 * kLiftShrink);
}
// Squares a lift and keeps its sign, so that weak lifts, which are mostly noise, hardly count.
inline double Strength(double lift) { return lift * (lift < 0 ? -lift : lift); }

// Immutable once built, and thread-safe. Items, values and cohorts that were added after Build have lift 0.
class Lifts {
 public:
  Lifts() = default;
  // Takes milliseconds for ten thousand items. The result does not refer to the arguments and is the same for
  // the same counts.
  static Lifts Build(const ItemTable& items, const Statistics& statistics);

  // The factor by which the items of one person agree more often in this column than those of two people.
  // The weights of all columns sum to 1, or are all 0.
  double ColumnWeight(uint16_t column) const { return column < columns_.size() ? columns_[column] : 0; }
  // The share of the catalogue's items that have the value, 0..1.
  double Share(Value v) const { return v < share_.size() ? share_[v] : 0; }
  // Inverse document frequency divided by its maximum, 0..1.
  double Rarity(Value v) const { return v < rarity_.size() ? rarity_[v] : 1; }
  // Strength of a cohort's preference for a value, -1..1; 0 for tokens. Months are smoothed over their
  // neighbours.
  double ValueLift(Cohort s, Value v) const {
    return s < by_cohort_.size() && v < by_cohort_[s].size() ? by_cohort_[s][v] : 0;
  }
  std::span<const float> ValueLifts(Cohort s) const {
    return s < by_cohort_.size() ? std::span<const float>(by_cohort_[s]) : std::span<const float>();
  }
  // Strength of a cohort's preference for an item, -1..1.
  double ItemLift(Cohort s, Item i) const {
    return s < items_by_cohort_.size() && i < items_by_cohort_[s].size() ? items_by_cohort_[s][i] : 0;
  }

  // The version of the items and the number of folded events when this was built. If they have grown since,
  // a rebuild may be due.
  uint64_t items_version = 0;
  uint64_t folded = 0;

 private:
  void MeasureValues(const ItemTable& items);
  void MeasureColumns(const ItemTable& items, const Statistics& statistics);
  void MeasureCohorts(const ItemTable& items, const Statistics& statistics);

  std::vector<double> columns_;
  std::vector<float> share_, rarity_;
  std::vector<std::vector<float>> by_cohort_, items_by_cohort_;
};

// Strength of one cohort's lift for one item, computed directly from the counts; months are smoothed over
// their neighbours.
double CohortItemLift(const Statistics& statistics, Cohort cohort, Item item);

// The months before and after a month, which smoothing uses.
inline Cohort MonthBefore(Cohort month) { return (month + Statistics::kMonths - 1) % Statistics::kMonths; }
inline Cohort MonthAfter(Cohort month) { return (month + 1) % Statistics::kMonths; }

}  // namespace trine::recommend
