#include "recommend/train/recipe_plan.h"

#include <algorithm>
#include <optional>

#include "format/text.h"
#include "recommend/train/training_data.h"

namespace trine::recommend {
namespace {

// Returns the value that the caller set, or nullopt. Does not fall back to the recipe's default, because the
// default percentiles would leave people out, and counting models gain nothing from less data.
std::optional<std::string> FindHyperParameter(const TrainingSpec& spec, std::string_view name) {
  const auto found =
      std::ranges::find(spec.hyper_parameters, name, &std::pair<std::string, std::string>::first);
  if (found == spec.hyper_parameters.end()) return std::nullopt;
  return found->second;
}

double Number(const TrainingSpec& spec, std::string_view name, double otherwise) {
  const auto given = FindHyperParameter(spec, name);
  return given ? format::ParseDouble(*given).value_or(otherwise) : otherwise;
}

bool IsFalse(const std::optional<std::string>& text) { return text == "false" || text == "False"; }

// Both directions count alike: items that go together do so in any order.
RuleOptions Symmetric() {
  RuleOptions options;
  options.back = 1;
  options.from_power = options.to_power = 0.5;
  return options;
}

void PlanRelated(const TrainingSpec& spec, RecipePlan* plan) {
  plan->rules = Symmetric();
  plan->weights = spec.recipe == Recipe::kSimilarItems ? RelatedItemWeights() : RulesOnlyWeights();
  if (spec.recipe == Recipe::kBoughtTogether) {
    plan->sequence_kind = SequenceKind::kBasket;
    plan->rules.whole_sequence = true;
  } else if (spec.recipe == Recipe::kSims) {
    plan->sequence_kind = SequenceKind::kDistinct;
    plan->popularity_discount = Number(spec, "popularity_discount_factor", 0.5);
    plan->rules.whole_sequence = true;
    plan->rules.min_count = Number(spec, "min_cointeraction_count", 3);
    plan->rules.from_power = 0;
    plan->rules.to_power = plan->popularity_discount;
    plan->rules.plus = 0;
  }
}

int64_t TrendSlots(const TrainingSpec& spec) {
  const std::string frequency = FindHyperParameter(spec, "trend_discovery_frequency").value_or("3 hours");
  if (frequency == "30 minutes") return 1;
  if (frequency == "1 hour") return 2;
  return frequency == "1 day" ? 48 : 6;
}

}  // namespace

RecipePlan PlanFor(const TrainingSpec& spec) {
  RecipePlan plan;
  plan.least_history = Number(spec, "min_user_history_length_percentile", 0);
  plan.greatest_history = Number(spec, "max_user_history_length_percentile", 1);
  plan.least_item_events = Number(spec, "min_item_interaction_count_percentile", 0);
  plan.greatest_item_events = Number(spec, "max_item_interaction_count_percentile", 1);
  plan.trend_slots = TrendSlots(spec);
  plan.events = SelectionOf(spec);
  switch (Info(spec.recipe).kind) {
    case RecipeKind::kRelated:
      PlanRelated(spec, &plan);
      break;
    case RecipeKind::kPopular:
    case RecipeKind::kTrending:
      plan.sequence_kind = SequenceKind::kNothing;
      break;
    case RecipeKind::kUser:
    case RecipeKind::kRanking:
      plan.tune = true;
      if (IsFalse(FindHyperParameter(spec, "recency_mask")) ||
          IsFalse(FindHyperParameter(spec, "apply_recency_bias"))) {
        plan.weights.age_decay = 0.95;
      }
      break;
  }
  return plan;
}

}  // namespace trine::recommend
