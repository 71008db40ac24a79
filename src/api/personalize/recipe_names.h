// Personalize's recipe names, and which of the recipes Trine supports.
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
  std::optional<recommend::Recipe> recipe = {};  // nullopt: not supported
};
const std::vector<RecipeName>& RecipeNames();

// nullptr if Personalize has no recipe of that name.
const RecipeName* FindRecipeName(std::string_view name);
// Returns the recipe with an ARN or a bare name. kNotFound for a name that Personalize does not have,
// kUnsupported for a recipe that Trine does not support.
Result<recommend::Recipe> RecipeOf(std::string_view arn);
// Returns the ARN of a recipe, which must have a row in RecipeNames().
std::string RecipeArn(recommend::Recipe recipe);
// Returns the recipe that Trine calls `word`. The specs of resources contain these names.
std::optional<recommend::Recipe> RecipeNamed(std::string_view word);
// Trine's training metrics under Personalize's names. Metrics that Personalize does not have are omitted.
format::Json MetricsJson(const format::Json& ours);

}  // namespace trine::api::personalize
