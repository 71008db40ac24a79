// Recipes: what can be trained and served. A recipe names a kind of answer and the parts that make
// it; wire formats give recipes their public names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::recommend {

// Reaches disk; never reuse a number.
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

// What a request must bring and what comes back.
enum class RecipeKind : int { kUser = 1, kRanking = 2, kRelated = 3, kPopular = 4, kTrending = 5 };

struct HyperParameter {
  std::string name;
  enum class Type { kInteger, kContinuous, kBoolean, kChoice } type = Type::kContinuous;
  std::string default_value;
  double min = 0, max = 0;
  std::vector<std::string> choices;
  bool tunable = false;
};

struct RecipeInfo {
  Recipe recipe;
  RecipeKind kind;
  std::string_view name;  // our own word: "user-personalization-v2"
  std::string_view description;
  bool ecommerce = false;                // belongs to the shop domain: served as a recommender
  std::vector<std::string> event_types;  // counts only these (any case); empty: all
  bool drops_seen = false;               // leaves out what the user already bought
  std::vector<HyperParameter> training;  // set on the solution
  std::vector<HyperParameter> serving;   // set on the campaign (exploration)
};
const std::vector<RecipeInfo>& Recipes();  // in the order of the enum
const RecipeInfo& Info(Recipe recipe);

// kHyperparameter, `where` = name, when unknown or out of range.
// Names and choices must be spelt as the recipe spells them.
Status CheckHyperParameters(const std::vector<HyperParameter>& known,
                            const std::vector<std::pair<std::string, std::string>>& given);

// The same with names and choices as the recipe spells them; what it does not know stays as it is. Case,
// spaces, '_' and '-' make no difference, and of a choice that begins with a number only the first letter
// of its unit does ("30 min" is "30 minutes").
std::vector<std::pair<std::string, std::string>> CanonicalHyperParameters(
    const std::vector<HyperParameter>& known, std::vector<std::pair<std::string, std::string>> given);

}  // namespace trine::recommend
