#include "recommend/model/recipes.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::recommend {
namespace {

using Type = HyperParameter::Type;

HyperParameter Integer(std::string name, std::string value, double min, double max, bool tunable) {
  return {std::move(name), Type::kInteger, std::move(value), min, max, {}, tunable};
}
HyperParameter Real(std::string name, std::string value, double min, double max, bool tunable) {
  return {std::move(name), Type::kContinuous, std::move(value), min, max, {}, tunable};
}
HyperParameter Flag(std::string name, bool value, bool tunable) {
  return {std::move(name), Type::kBoolean, value ? "true" : "false", 0, 1, {}, tunable};
}

// The five hyperparameters of Personalize's recurrent recipes. Training uses the percentiles and
// recency_mask. The others have no effect; they are accepted so that existing solution definitions work.
std::vector<HyperParameter> Recurrent() {
  return {Integer("hidden_dimension", "149", 32, 256, true), Integer("bptt", "32", 2, 32, true),
          Flag("recency_mask", true, true), Real("min_user_history_length_percentile", "0.0", 0, 1, false),
          Real("max_user_history_length_percentile", "0.99", 0, 1, false)};
}

std::vector<HyperParameter> Exploration() {
  return {Real("exploration_weight", "0.3", 0, 1, false),
          Real("exploration_item_age_cut_off", "30.0", 0.000001, 36500, false)};
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<RecipeInfo> MakeRecipes() {
  const std::vector<HyperParameter> recency = {Flag("apply_recency_bias", true, false)};
  const std::vector<HyperParameter> sims = {
      Real("popularity_discount_factor", "0.5", 0, 1, true),
      Integer("min_cointeraction_count", "3", 0, 10, true),
      Real("min_user_history_length_percentile", "0.005", 0, 1, false),
      Real("max_user_history_length_percentile", "0.995", 0, 1, false),
      Real("min_item_interaction_count_percentile", "0.01", 0, 1, false),
      Real("max_item_interaction_count_percentile", "0.9", 0, 1, false)};
  const HyperParameter frequency = {"trend_discovery_frequency",
                                    Type::kChoice,
                                    "3 hours",
                                    0,
                                    0,
                                    {"30 minutes", "1 hour", "3 hours", "1 day"},
                                    false};
  using R = Recipe;
  using K = RecipeKind;
  return {
      {R::kUserPersonalizationV2,
       K::kUser,
       "user-personalization-v2",
       "Items for a person, from all events up to the moment of the request",
       false,
       {},
       false,
       recency,
       Exploration()},
      {R::kUserPersonalization,
       K::kUser,
       "user-personalization",
       "Items for a person, with new items mixed in by exploration",
       false,
       {},
       false,
       Recurrent(),
       Exploration()},
      {R::kPersonalizedRankingV2,
       K::kRanking,
       "personalized-ranking-v2",
       "A given list, ordered by a person's taste",
       false,
       {},
       false,
       recency,
       {}},
      {R::kPersonalizedRanking,
       K::kRanking,
       "personalized-ranking",
       "A given list, ordered by a person's taste",
       false,
       {},
       false,
       Recurrent(),
       {}},
      {R::kSimilarItems,
       K::kRelated,
       "similar-items",
       "Items similar to this one, by co-occurrence and by attributes",
       false,
       {},
       false,
       {Integer("item_id_hidden_dim", "100", 30, 200, true),
        Integer("item_metadata_hidden_dim", "100", 30, 200, true)},
       {}},
      {R::kSims,
       K::kRelated,
       "sims",
       "Items that the same people interacted with",
       false,
       {},
       false,
       sims,
       {}},
      {R::kPopularityCount,
       K::kPopular,
       "popularity-count",
       "Items by the number of people who interacted with them",
       false,
       {},
       false,
       {},
       {}},
      {R::kTrendingNow,
       K::kTrending,
       "trending-now",
       "Items whose events grow fastest",
       false,
       {},
       false,
       {frequency},
       {}},
      {R::kPopularByViews,
       K::kPopular,
       "popular-by-views",
       "Items by the number of people who viewed them",
       true,
       {"view"},
       false,
       {},
       {}},
      {R::kPopularByPurchases,
       K::kPopular,
       "popular-by-purchases",
       "Items by the number of people who bought them",
       true,
       {"purchase"},
       false,
       {},
       {}},
      {R::kBoughtTogether,
       K::kRelated,
       "bought-together",
       "Items bought together with this one",
       true,
       {"purchase"},
       false,
       {},
       {}},
      {R::kViewedAlsoViewed,
       K::kRelated,
       "viewed-also-viewed",
       "Items that viewers of this one viewed too",
       true,
       {"view"},
       true,
       {},
       {}},
      {R::kRecommendedForYou,
       K::kUser,
       "recommended-for-you",
       "Items for a person, without those they already bought",
       true,
       {},
       true,
       {},
       Exploration()},
  };
}

bool IsValidValue(const HyperParameter& known, const std::string& text) {
  switch (known.type) {
    case Type::kBoolean:
      return text == "true" || text == "false" || text == "True" || text == "False";
    case Type::kChoice:
      return std::ranges::find(known.choices, text) != known.choices.end();
    case Type::kInteger: {
      const auto number = format::ParseInt(text);
      return number && static_cast<double>(*number) >= known.min && static_cast<double>(*number) <= known.max;
    }
    case Type::kContinuous: {
      const auto number = format::ParseDouble(text);
      return number && *number >= known.min && *number <= known.max;
    }
  }
  return false;
}

// Folds equivalent spellings to one form; see CanonicalHyperParameters.
std::string NormalizedSpelling(std::string_view text) {
  std::string key;
  for (const char c : text) {
    if (c == ' ' || c == '_' || c == '-') continue;
    key += ToLowerAscii(c);
  }
  const size_t unit = key.find_first_not_of("0123456789");
  if (unit != 0 && unit != std::string::npos) key.resize(unit + 1);
  return key;
}

std::string ExpectedValue(const HyperParameter& known) {
  const std::string range =
      " from " + format::ShortestDouble(known.min) + " to " + format::ShortestDouble(known.max);
  switch (known.type) {
    case Type::kBoolean:
      return "true or false";
    case Type::kInteger:
      return "a whole number" + range;
    case Type::kContinuous:
      return "a number" + range;
    case Type::kChoice:
      break;
  }
  std::string words = "one of";
  for (const std::string& choice : known.choices) words += " '" + choice + "'";
  return words;
}

}  // namespace

const std::vector<RecipeInfo>& Recipes() {
  static const std::vector<RecipeInfo> kRecipes = MakeRecipes();
  return kRecipes;
}

const RecipeInfo& Info(Recipe recipe) {
  const auto& all = Recipes();
  const auto found = std::ranges::find(all, recipe, &RecipeInfo::recipe);
  TRINE_CHECK(found != all.end());
  return *found;
}

Status CheckHyperParameters(const std::vector<HyperParameter>& known,
                            const std::vector<std::pair<std::string, std::string>>& given) {
  for (const auto& [name, value] : given) {
    const auto found = std::ranges::find(known, name, &HyperParameter::name);
    if (found == known.end()) {
      std::string names;
      for (const HyperParameter& k : known) names += (names.empty() ? "" : ", ") + k.name;
      return Error(ErrorCode::kHyperparameter, "unknown hyperparameter")
          .Expected(names.empty() ? "none" : names)
          .Got(name)
          .Where(name);
    }
    if (!IsValidValue(*found, value)) {
      return Error(ErrorCode::kHyperparameter, "invalid hyperparameter value")
          .Expected(ExpectedValue(*found))
          .Got(value)
          .Where(name);
    }
  }
  return Ok();
}

std::vector<std::pair<std::string, std::string>> CanonicalHyperParameters(
    const std::vector<HyperParameter>& known, std::vector<std::pair<std::string, std::string>> given) {
  for (auto& [name, value] : given) {
    const auto found = std::ranges::find(known, NormalizedSpelling(name),
                                         [](const auto& k) { return NormalizedSpelling(k.name); });
    if (found == known.end()) continue;
    name = found->name;
    const auto choice = std::ranges::find(found->choices, NormalizedSpelling(value), NormalizedSpelling);
    if (choice != found->choices.end()) value = *choice;
  }
  return given;
}

}  // namespace trine::recommend
