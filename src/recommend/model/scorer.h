// Scorer: what a person would take, item by item, from everything that is known at this moment.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recommend/model/blend.h"
#include "recommend/model/item_table.h"
#include "recommend/model/lifts.h"
#include "recommend/model/statistics.h"
#include "recommend/model/trained_model.h"

namespace trine::recommend {

// One thing the person did, newest first, each item once.
struct Liked {
  Item item = 0;
  double weight = 1;  // of its event type, over the greatest in the history
  size_t event = 0;   // place in the caller's list of events
  double times = 1;   // how often, each time weighed as above
};
struct Person {
  std::vector<Liked> history;
  std::vector<Source> sources;  // age, gender, region ...
  Source month = kNone;         // kNone: no season
};

// Room for one request at a time; reused so that a request allocates nothing. Not thread-safe.
struct ScorerScratch {
  std::vector<float> rules, repeat;            // by item
  std::vector<float> taste, combined;          // by value
  std::vector<Item> rule_items, repeat_items;  // what is not 0 above
  std::vector<Value> taste_values;
  std::vector<uint64_t> tasted;  // a bit a value: whether taste is not 0
  std::vector<double> tokens;    // by item: the taste of its tokens
};

// Borrows everything it is given; one request (or one person of an evaluation) long. Not thread-safe.
class Scorer {
 public:
  // `ignored` columns (by number; may be short) take no part.
  Scorer(const ItemTable& items, const Statistics& statistics, const Lifts& lifts, const RuleSource& rules,
         const Blend& blend, std::span<const char> ignored, const Person& person, ScorerScratch* scratch);
  ~Scorer();
  Scorer(const Scorer&) = delete;
  Scorer& operator=(const Scorer&) = delete;

  // For whoever then scores nearly all items: finds the tokens of taste in the items by the tokens' lists,
  // which are short, and not by the tokens of each item.
  void PrepareForAll();
  // The blend of the parts; one pass over the item's values.
  double Score(Item i) const;
  Parts Measure(Item i) const;

  // The parts one by one, and the pieces that they are sums of, for explanations.
  double Rules(Item i) const { return scratch_.rules[i] * rule_scale_; }
  double Repeat(Item i) const { return scratch_.repeat[i]; }
  double Taste(Item i) const;
  double Season(Item i) const;
  double Popularity(Item i) const { return Popularity(i, Coldness(i)); }
  double RecentPopularity(Item i) const;
  double RuleShare(size_t liked, Item i) const;  // of Parts::rules, from history[liked]
  double TasteShare(Item i, Value v) const;      // of Parts::taste, from a value the item has
  double SourceShare(Source s, Item i) const;    // of Parts::people or region
  const Person& person() const { return person_; }
  const ItemTable& items() const { return items_; }
  const Statistics& statistics() const { return statistics_; }
  bool IsRegion(Source s) const;
  // 1 for an item without events, 0 from kColdEvents on.
  double Coldness(Item i) const;

  static constexpr double kRuleConfidence = 0.05;  // a strongest rule of this size counts half
  static constexpr double kTasteDecay = 0.97;      // taste lasts much longer than the next step
  static constexpr double kRepeatHalf = 2;         // so many times count half of always
  static constexpr double kTasteShrink = 2;        // events that "nothing known" weighs

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
  const Blend blend_;
  const std::span<const char> ignored_;
  const Person& person_;
  ScorerScratch& scratch_;
  bool for_all_ = false;         // scratch_.tokens holds what it says
  std::vector<double> steps_;    // weight of each thing of the history in the rules
  double rule_scale_ = 0;        // 1 / (strongest + confidence)
  double popularity_scale_ = 0;  // 1 / log(1 + most people)
  double recent_scale_ = 0;
};

// ln(1 + n), from a table for small n.
double LogOnePlus(uint32_t n);

}  // namespace trine::recommend
