// Scorer: the score of each item for one person, from everything that is known at request time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recommend/model/item_table.h"
#include "recommend/model/lifts.h"
#include "recommend/model/score_weights.h"
#include "recommend/model/statistics.h"
#include "recommend/model/trained_model.h"

namespace trine::recommend {

// One item of a person's history.
struct HistoryItem {
  Item item = 0;
  double weight = 1;  // of the item's strongest event, divided by the greatest weight in the history: 0..1
  size_t event = 0;   // index of its newest event in the caller's list of events
  double times = 1;   // sum of the weights of its events, divided by the same greatest weight
};
// A person as the scorer sees them. Items and cohorts are numbers in the group's tables, not ids.
struct UserProfile {
  std::vector<HistoryItem> history;  // newest first, without duplicate items
  std::vector<Cohort> cohorts;       // by age, gender, region ...
  Cohort month = kNone;              // kNone: the season does not count
};

// Working memory of a Scorer, reused so that a request allocates nothing. Used by one Scorer at a time; the
// Scorer's destructor resets it for reuse. Not thread-safe.
struct ScorerScratch {
  std::vector<float> rules, repeat;            // by item
  std::vector<float> taste, combined;          // by value
  std::vector<Item> rule_items, repeat_items;  // the items whose entry in `rules` or `repeat` is not 0
  std::vector<Value> taste_values;
  std::vector<uint64_t> tasted;  // one bit per value: whether its taste is not 0
  std::vector<double> tokens;    // by item: the taste of its tokens; see PrepareForAll
};

// Borrows all of its arguments for one request, or for one person in an evaluation. Not thread-safe.
class Scorer {
 public:
  // Columns with ignored[column] != 0 do not count; `ignored` may have fewer elements than there are columns.
  Scorer(const ItemTable& items, const Statistics& statistics, const Lifts& lifts, const RuleSource& rules,
         const ScoreWeights& weights, std::span<const char> ignored, const UserProfile& profile,
         ScorerScratch* scratch);
  ~Scorer();
  Scorer(const Scorer&) = delete;
  Scorer& operator=(const Scorer&) = delete;

  // Call this before scoring nearly all items. It sums the taste of every item's tokens with the lists of
  // ItemTable::ItemsWithToken, which is faster than visiting the tokens of each item. Scores differ by
  // rounding only.
  void PrepareForAll();
  // The weighted sum of the components, in one pass over the item's values. Requires an item of the table.
  double Score(Item i) const;
  ScoreComponents Measure(Item i) const;

  // The single components and the terms that add up to them, for explanations.
  double Rules(Item i) const { return scratch_.rules[i] * rule_scale_; }
  double Repeat(Item i) const { return scratch_.repeat[i]; }
  double Taste(Item i) const;
  double Season(Item i) const;
  double Popularity(Item i) const { return Popularity(i, Coldness(i)); }
  double RecentPopularity(Item i) const;
  double RuleShare(size_t index, Item i) const;  // the part of ScoreComponents::rules from history[index]
  double TasteShare(Item i, Value v) const;      // the part of ScoreComponents::taste from the item's value v
  double CohortShare(Cohort s, Item i) const;  // the part of ScoreComponents::people or region from cohort s
  const UserProfile& profile() const { return profile_; }
  const ItemTable& items() const { return items_; }
  const Statistics& statistics() const { return statistics_; }
  bool IsRegion(Cohort s) const;
  // 1 for an item without events, falling to 0 at kColdEvents.
  double Coldness(Item i) const;

  // The best item's rules component is 0.5 if its rules sum to this.
  static constexpr double kRuleConfidence = 0.05;
  static constexpr double kTasteDecay = 0.97;  // per step back in the history; taste changes slowly
  static constexpr double kRepeatHalf = 2;     // this many repetitions score half the maximum
  // The prior (no preference) counts as much as this many events.
  static constexpr double kTasteShrink = 2;

 private:
  bool Ignored(uint16_t column) const { return column < ignored_.size() && ignored_[column] != 0; }
  void AddHistoryRules();
  void AddTaste();
  void Combine();
  double TokenTaste(Item i) const;
  double Popularity(Item i, double coldness) const;

  const ItemTable& items_;
  const Statistics& statistics_;
  const Lifts& lifts_;
  const RuleSource rules_;
  const ScoreWeights weights_;
  const std::span<const char> ignored_;
  const UserProfile& profile_;
  ScorerScratch& scratch_;
  bool for_all_ = false;         // whether scratch_.tokens is filled
  std::vector<double> steps_;    // the weight of each history item in the rules
  double rule_scale_ = 0;        // 1 / (strongest + confidence)
  double popularity_scale_ = 0;  // 1 / log(1 + people of the item with the most people)
  double recent_scale_ = 0;
};

// ln(1 + n); small n come from a table.
double LogOnePlus(uint32_t n);

}  // namespace trine::recommend
