// Recipes: the kinds of recommendation that can be trained and served, with their hyperparameters. The APIs
// map their public names to these recipes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::recommend {

// The numbers are stored in models, snapshots and resources; never reuse one.
enum class Recipe : int {
  kUserPersonalizationV2 = 1,
  kUserPersonalization = 2,
  kPersonalizedRankingV2 = 3,
  kPersonalizedRanking = 4,
  kSimilarItems = 5,
  kSims = 6,
  kPopularityCount = 7,
  kTrendingNow = 8,
  kPopularByViews = 9,
  kPopularByPurchases = 10,
  kBoughtTogether = 11,
  kViewedAlsoViewed = 12,
  kRecommendedForYou = 13,
};

// The kind of a recipe decides how its requests are answered. The numbers are not stored.
enum class RecipeKind : int { kUser = 1, kRanking = 2, kRelated = 3, kPopular = 4, kTrending = 5 };

struct HyperParameter {
  std::string name;
  enum class Type { kInteger, kContinuous, kBoolean, kChoice } type = Type::kContinuous;
  std::string default_value;
  double min = 0, max = 0;           // inclusive; for numbers
  std::vector<std::string> choices;  // for kChoice
  bool tunable = false;              // whether Personalize allows tuning it (hyperparameter optimisation)
};

struct RecipeInfo {
  Recipe recipe;
  RecipeKind kind;
  std::string_view name;  // Trine's own name: "user-personalization-v2"
  std::string_view description;
  bool ecommerce = false;  // belongs to the e-commerce domain: served by a recommender, not a campaign
  std::vector<std::string> event_types;  // only these count, ignoring case; empty: all
  bool drops_seen = false;               // true: items that the user bought are not recommended
  std::vector<HyperParameter> training;  // set on the solution
  std::vector<HyperParameter> serving;   // set on the campaign (exploration)
};
const std::vector<RecipeInfo>& Recipes();  // in the order of the enum
// Requires a valid enum value.
const RecipeInfo& Info(Recipe recipe);

// Checks (name, value) pairs against a recipe's hyperparameters. Returns kHyperparameter, with the name in
// `where`, for an unknown name or an invalid value. Names and choices must be spelt as the recipe spells
// them.
Status CheckHyperParameters(const std::vector<HyperParameter>& known,
                            const std::vector<std::pair<std::string, std::string>>& given);

// Returns the pairs with names and choices spelt as the recipe spells them; unknown ones are unchanged.
// Case, spaces, '_' and '-' do not matter. In a choice that begins with a number, only the first letter of
// the unit matters ("30 min" is "30 minutes").
std::vector<std::pair<std::string, std::string>> CanonicalHyperParameters(
    const std::vector<HyperParameter>& known, std::vector<std::pair<std::string, std::string>> given);

}  // namespace trine::recommend
