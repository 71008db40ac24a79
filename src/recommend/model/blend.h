// Blend: how the parts of a person's score of an item are weighed. Learnt in training on the newest
// part of the data; these defaults serve while nothing was trained.
#pragma once

namespace trine::recommend {

// The parts of a score before weighing, each about 0..1 (people and season -1..1).
struct Parts {
  double cold = 0;        // taste again, of an item with few events
  double rules = 0;       // co-occurrence with what the person did
  double taste = 0;       // attributes shared with what the person did
  double people = 0;      // what people of the same age, gender ... take
  double region = 0;      // what people of the same region take
  double season = 0;      // what is taken in this month
  double popularity = 0;  // people per item, all time
  double recent = 0;      // events of the newest week
  double repeat = 0;      // how often the person did something with this very item
};

// An item with fewer events is cold: what people did tells little of it.
inline constexpr unsigned kColdEvents = 5;

struct Blend {
  double rules = 1.0;
  double taste = 0.5;
  double people = 0.4;  // also of the region
  double season = 0.15;
  double popularity = 0.15;
  double recent = 0.1;
  double repeat = -0.1;
  double cold_taste = 0.6;  // more for taste where an item has too few events for rules to speak
  double age_decay = 0.75;  // of rules, for every step back in the history
  // Chance that the person takes an item within `horizon_days`: 1 / (1 + exp(-(slope * score + offset))).
  double slope = 4;
  double offset = -6;
  double horizon_days = 7;
  double purchase_share = 1;  // of what is taken, how much is bought

  double Score(const Parts& p) const {
    return rules * p.rules + taste * p.taste + cold_taste * p.cold + people * (p.people + p.region) +
           season * p.season + popularity * p.popularity + recent * p.recent + repeat * p.repeat;
  }
};

// The blend of answers about one item: rules and attributes, a little popularity to break ties.
inline Blend RelatedBlend() {
  Blend blend;
  blend.taste = 1.0;
  blend.cold_taste = 0.3;
  blend.people = blend.season = blend.repeat = blend.recent = 0;
  blend.popularity = 0.03;
  return blend;
}
// For an item with fewer than kColdEvents events: attributes lead.
inline Blend ColdRelatedBlend() {
  Blend blend = RelatedBlend();
  blend.rules = 0.3;
  blend.taste = 3.0;
  blend.cold_taste = 0;
  return blend;
}
// What people took, and nothing else.
inline Blend RulesOnlyBlend() {
  Blend blend = RelatedBlend();
  blend.taste = blend.cold_taste = 0;
  blend.popularity = 0.001;
  return blend;
}

}  // namespace trine::recommend
