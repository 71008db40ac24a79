// ScoreWeights: how the components of a person's score for an item are weighted. Training learns them on the
// newest part of the data (train/tune.h); the defaults are used while there is no trained model.
#pragma once

namespace trine::recommend {

// The components of one item's score before weighting. Each is about 0..1; people, region and season are
// about -1..1.
struct ScoreComponents {
  double cold = 0;        // taste times Scorer::Coldness: above 0 only for items with few events
  double rules = 0;       // co-occurrence with the items of the person's history
  double taste = 0;       // attributes shared with the items of the person's history
  double people = 0;      // preference of people with the same age, gender ...
  double region = 0;      // preference of people from the same region
  double season = 0;      // preference of everybody in this month
  double popularity = 0;  // people per item, all time
  double recent = 0;      // events of the newest week
  double repeat = 0;      // n / (n + 2), where n is HistoryItem::times of the item
};

// An item with fewer events is cold: its counts say little about it.
inline constexpr unsigned kColdEvents = 5;

// A value type. Weights are relative: only their ratios affect the order. The defaults were chosen on public
// purchase histories, and tuning starts from them.
struct ScoreWeights {
  double rules = 1.0;
  double taste = 0.5;
  double people = 0.4;  // also the weight of ScoreComponents::region
  double season = 0.15;
  double popularity = 0.15;
  double recent = 0.1;
  double repeat = -0.1;
  double cold_taste = 0.6;  // weight of ScoreComponents::cold: more taste for items that have few rules yet
  double age_decay = 0.75;  // rules from an item k steps back in the history are multiplied by age_decay^k
  // Calibration. The probability that the person interacts with an item within `horizon_days` is
  // 1 / (1 + exp(-(slope * score + offset))).
  double slope = 4;
  double offset = -6;
  double horizon_days = 7;
  double purchase_share = 1;  // purchases per interaction, 0..1

  double Score(const ScoreComponents& p) const {
    return rules * p.rules + taste * p.taste + cold_taste * p.cold + people * (p.people + p.region) +
           season * p.season + popularity * p.popularity + recent * p.recent + repeat * p.repeat;
  }
};

// The weights for items related to one item: rules and attributes count, and popularity breaks ties.
inline ScoreWeights RelatedItemWeights() {
  ScoreWeights weights;
  weights.taste = 1.0;
  weights.cold_taste = 0.3;
  weights.people = weights.season = weights.repeat = weights.recent = 0;
  weights.popularity = 0.03;
  return weights;
}
// The weights for items related to an item with fewer than kColdEvents events: attributes dominate.
inline ScoreWeights ColdRelatedItemWeights() {
  ScoreWeights weights = RelatedItemWeights();
  weights.rules = 0.3;
  weights.taste = 3.0;
  weights.cold_taste = 0;
  return weights;
}
// The weights for related items by co-occurrence only: attributes do not count.
inline ScoreWeights RulesOnlyWeights() {
  ScoreWeights weights = RelatedItemWeights();
  weights.taste = weights.cold_taste = 0;
  weights.popularity = 0.001;
  return weights;
}

}  // namespace trine::recommend
