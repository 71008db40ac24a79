// Personalize's names of recipes, and which of them are served here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "recommend/model/recipes.h"

namespace trine::api::personalize {

struct RecipeName {
  std::string_view name;  // "aws-sims"
  std::string_view type;  // "RELATED_ITEMS"
  std::string_view domain = {};
  std::optional<recommend::Recipe> recipe = {};  // nullopt: not served
};
const std::vector<RecipeName>& RecipeNames();

// nullptr when Personalize has no recipe of that name.
const RecipeName* FindRecipeName(std::string_view name);
// The recipe that an ARN or a bare name names. kNotFound for a name that Personalize does not have,
// kUnsupported for a recipe that is not served.
Result<recommend::Recipe> RecipeOf(std::string_view arn);
// Requires a recipe with a row in RecipeNames().
std::string RecipeArn(recommend::Recipe recipe);
// The recipe that has Trine's own name `word`, which specs of resources store.
std::optional<recommend::Recipe> RecipeNamed(std::string_view word);
// Our training metrics under Personalize's names. Metrics without a counterpart there are left out, except
// the names that both use.
format::Json MetricsJson(const format::Json& ours);

}  // namespace trine::api::personalize
