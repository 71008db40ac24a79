// Recipe names: the service's names of recipes, and which of them are served here.
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
  std::optional<recommend::Recipe> recipe = {};  // nullopt: known and not served
};
const std::vector<RecipeName>& RecipeNames();

// nullptr when nothing has that name.
const RecipeName* FindRecipeName(std::string_view name);
// The served recipe that an ARN or a bare name means. kNotFound; kUnsupported names a recipe that is
// known and not served, or the type of one that cannot be used this way.
Result<recommend::Recipe> RecipeOf(std::string_view arn);
std::string RecipeArn(recommend::Recipe recipe);
// The recipe of our own word, as resources keep it.
std::optional<recommend::Recipe> RecipeNamed(std::string_view word);
// What was measured, under the service's names.
format::Json MetricsJson(const format::Json& ours);

}  // namespace trine::api::personalize
