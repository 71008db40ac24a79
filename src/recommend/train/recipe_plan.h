// RecipePlan: how a recipe's counting models are fitted, derived from the recipe and its hyperparameters.
#pragma once

#include "recommend/model/event_selection.h"
#include "recommend/model/rules.h"
#include "recommend/model/score_weights.h"
#include "recommend/train/training_spec.h"

namespace trine::recommend {

// How events are cut into sequences of items. Not stored.
enum class SequenceKind {
  kNothing,  // no rules: popularity and trends
  kPerson,   // all items of a person, in order
  kBasket,   // the items bought in one session, or on one day
  kDistinct  // the distinct items of a person
};

struct RecipePlan {
  SequenceKind sequence_kind = SequenceKind::kPerson;
  RuleOptions rules;
  EventSelection events;  // with the weights of event types
  ScoreWeights weights;
  bool tune = false;            // true: training learns `weights`
  double least_history = 0;     // people whose history is shorter than this percentile (0..1) are skipped
  double greatest_history = 1;  // people whose history is longer than this percentile are skipped
  // Items with fewer, or more, events than these percentiles (0..1) of all items get no rules.
  double least_item_events = 0, greatest_item_events = 1;
  double popularity_discount = 0.5;  // already applied to `rules`; stored in the model file
  int64_t trend_slots = 6;           // half hours
};
// Requires checked hyperparameters; a value that cannot be parsed takes the default.
RecipePlan PlanFor(const TrainingSpec& spec);

}  // namespace trine::recommend
