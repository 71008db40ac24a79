#include "api/personalize/recipe_names.h"

#include <algorithm>

#include "api/personalize/arn.h"
#include "base/check.h"

namespace trine::api::personalize {

const std::vector<RecipeName>& RecipeNames() {
  using R = recommend::Recipe;
  static const std::vector<RecipeName> kNames = {
      {"aws-user-personalization-v2", "USER_PERSONALIZATION", "", R::kUserPersonalizationV2},
      {"aws-user-personalization", "USER_PERSONALIZATION", "", R::kUserPersonalization},
      {"aws-personalized-ranking-v2", "PERSONALIZED_RANKING", "", R::kPersonalizedRankingV2},
      {"aws-personalized-ranking", "PERSONALIZED_RANKING", "", R::kPersonalizedRanking},
      {"aws-similar-items", "RELATED_ITEMS", "", R::kSimilarItems},
      {"aws-sims", "RELATED_ITEMS", "", R::kSims},
      {"aws-popularity-count", "POPULAR_ITEMS", "", R::kPopularityCount},
      {"aws-trending-now", "POPULAR_ITEMS", "", R::kTrendingNow},
      {"aws-ecomm-popular-items-by-views", "POPULAR_ITEMS", "ECOMMERCE", R::kPopularByViews},
      {"aws-ecomm-popular-items-by-purchases", "POPULAR_ITEMS", "ECOMMERCE", R::kPopularByPurchases},
      {"aws-ecomm-frequently-bought-together", "RELATED_ITEMS", "ECOMMERCE", R::kBoughtTogether},
      {"aws-ecomm-customers-who-viewed-x-also-viewed", "RELATED_ITEMS", "ECOMMERCE", R::kViewedAlsoViewed},
      {"aws-ecomm-recommended-for-you", "USER_PERSONALIZATION", "ECOMMERCE", R::kRecommendedForYou},
      {"aws-hrnn", "USER_PERSONALIZATION"},
      {"aws-hrnn-metadata", "USER_PERSONALIZATION"},
      {"aws-hrnn-coldstart", "USER_PERSONALIZATION"},
      {"aws-semantic-similarity", "RELATED_ITEMS"},
      {"aws-next-best-action", "PERSONALIZED_ACTIONS"},
      {"aws-item-affinity", "USER_SEGMENTATION"},
      {"aws-item-attribute-affinity", "USER_SEGMENTATION"},
      {"aws-vod-because-you-watched-x", "RELATED_ITEMS", "VIDEO_ON_DEMAND"},
      {"aws-vod-more-like-x", "RELATED_ITEMS", "VIDEO_ON_DEMAND"},
      {"aws-vod-most-popular", "POPULAR_ITEMS", "VIDEO_ON_DEMAND"},
      {"aws-vod-top-picks", "USER_PERSONALIZATION", "VIDEO_ON_DEMAND"},
      {"aws-vod-trending-now", "POPULAR_ITEMS", "VIDEO_ON_DEMAND"},
  };
  return kNames;
}

const RecipeName* FindRecipeName(std::string_view name) {
  const auto found = std::ranges::find(RecipeNames(), name, &RecipeName::name);
  return found == RecipeNames().end() ? nullptr : &*found;
}

Result<recommend::Recipe> RecipeOf(std::string_view arn) {
  const std::optional<Arn> parsed = ParseArn(arn);
  const RecipeName* found = !parsed                    ? FindRecipeName(arn)
                            : parsed->type == "recipe" ? FindRecipeName(parsed->path)
                                                       : nullptr;
  if (found == nullptr)
    return Error(ErrorCode::kNotFound, "Resource Arn " + std::string(arn) + " does not exist.");
  if (!found->recipe) {
    return Error(ErrorCode::kUnsupported, "The recipe " + std::string(found->name) + " is not supported yet");
  }
  return *found->recipe;
}

std::string RecipeArn(recommend::Recipe recipe) {
  const auto found = std::ranges::find(RecipeNames(), std::optional(recipe), &RecipeName::recipe);
  TRINE_CHECK(found != RecipeNames().end());
  return ServiceArn("recipe", found->name);
}

std::optional<recommend::Recipe> RecipeNamed(std::string_view word) {
  for (const recommend::RecipeInfo& info : recommend::Recipes()) {
    if (info.name == word) return info.recipe;
  }
  return std::nullopt;
}

format::Json MetricsJson(const format::Json& ours) {
  format::Json metrics = format::Json::Object{};
  if (!ours.is_object()) return metrics;
  for (const auto& [name, value] : ours.object()) {
    if (!value.is_number()) continue;
    if (name.starts_with("mrr_")) metrics.Set("mean_reciprocal_rank_" + name.substr(4), value);
    if (name.starts_with("ndcg_"))
      metrics.Set("normalized_discounted_cumulative_gain_" + name.substr(5), value);
    // Coverage and precision have the same names in Personalize. Metrics not handled in this loop do not
    // exist there.
    if (name == "coverage" || name.starts_with("precision_")) metrics.Set(name, value);
  }
  return metrics;
}

}  // namespace trine::api::personalize
