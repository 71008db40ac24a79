// RecipePlan: what a recipe and its hyperparameters ask of the counting models.
#pragma once

#include "recommend/model/blend.h"
#include "recommend/model/rules.h"
#include "recommend/train/train.h"

namespace trine::recommend {

// What one sequence of items is.
enum class Sequencing {
  kNothing,  // no rules: popularity and trends
  kPerson,   // everything of a person in order
  kBasket,   // what was bought in one session, or on one day
  kDistinct  // the different items of a person
};

struct RecipePlan {
  Sequencing sequencing = Sequencing::kPerson;
  RuleOptions rules;
  Blend blend;
  bool tune = false;         // the blend is learnt
  double least_history = 0;  // percentiles of people by length of history that are left out
  double greatest_history = 1;
  double popularity_discount = 0.5;  // already in the rules; kept to be told
  int64_t trend_slots = 6;
};
RecipePlan PlanFor(const TrainingSpec& spec);

}  // namespace trine::recommend
