// ListRecipes and DescribeRecipe, for the recipes that Trine supports.
#include "api/personalize/arn.h"
#include "api/personalize/handlers.h"
#include "api/personalize/recipe_names.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;

constexpr Millis kSince{1'560'211'200'000};  // a fixed day, shown as the creation time of every recipe

// Requires a recipe that Trine supports.
Json RecipeSummary(const RecipeName& name) {
  TRINE_DCHECK(name.recipe.has_value());
  Json json = Json::Object{};
  json.Set("name", name.name);
  json.Set("recipeArn", ServiceArn("recipe", name.name));
  json.Set("status", "ACTIVE");
  json.Set("creationDateTime", Seconds(kSince));
  json.Set("lastUpdatedDateTime", Seconds(kSince));
  if (!name.domain.empty()) json.Set("domain", name.domain);
  return json;
}

}  // namespace

Result<Json> ListRecipes(const Call& call) {
  const std::string domain = TextOf(call.input, "domain");
  std::vector<const RecipeName*> served;
  for (const RecipeName& name : RecipeNames()) {
    if (name.recipe && (domain.empty() || name.domain == domain)) served.push_back(&name);
  }
  size_t begin = 0;
  if (const std::string token = TextOf(call.input, "nextToken"); !token.empty()) {
    const auto given = format::ParseInt(token);
    if (!given || *given < 0 || *given > static_cast<int64_t>(served.size()))
      return Error(ErrorCode::kNextToken, "The token is not valid.");
    begin = static_cast<size_t>(*given);
  }
  return Page(
      call, "recipes", served.size(), begin, [&](size_t i) { return RecipeSummary(*served[i]); },
      [](size_t i) { return std::to_string(i + 1); });
}

Result<Json> DescribeRecipe(const Call& call) {
  TRINE_ASSIGN(const recommend::Recipe recipe, RecipeOf(TextOf(call.input, "recipeArn")));
  for (const RecipeName& name : RecipeNames()) {
    if (name.recipe != recipe) continue;
    Json json = RecipeSummary(name);
    json.Remove("domain");  // only summaries have it
    json.Set("algorithmArn", ServiceArn("algorithm", name.name));
    json.Set("featureTransformationArn", ServiceArn("feature-transformation", name.name));
    json.Set("description", recommend::Info(recipe).description);
    json.Set("recipeType", name.type);
    Json answer = Json::Object{};
    answer.Set("recipe", std::move(json));
    return answer;
  }
  return NoSuchArn(TextOf(call.input, "recipeArn"));
}

}  // namespace trine::api::personalize
