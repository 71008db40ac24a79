#include "recommend/model/event_selection.h"

#include <algorithm>

#include "recommend/model/event_class.h"

namespace trine::recommend {
namespace {

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool EventSelection::Counts(std::string_view type, const std::optional<double>& value) const {
  std::optional<double> least = threshold;
  if (!types.empty()) {
    const auto found = std::ranges::find(types, LowerType(type), &Type::name);
    if (found == types.end() || found->weight == 0.0) return false;
    if (found->threshold) least = found->threshold;
  }
  return !least || (value && *value >= *least);
}

std::optional<double> EventSelection::WeightOf(std::string_view type) const {
  if (types.empty()) return std::nullopt;
  const auto found = std::ranges::find(types, LowerType(type), &Type::name);
  return found == types.end() ? std::nullopt : found->weight;
}

bool EventSelection::Weighted() const {
  return std::ranges::any_of(types, [](const Type& type) { return type.weight.has_value(); });
}

std::vector<std::string> EventSelection::Types() const {
  std::vector<std::string> names;
  for (const Type& type : types) names.push_back(type.name);
  return names;
}

EventSelection RecipeSelection(Recipe recipe) {
  EventSelection selection;
  for (const std::string& type : Info(recipe).event_types)
    selection.types.push_back({LowerType(type), std::nullopt, std::nullopt});
  return selection;
}

bool ColumnChoice::Uses(std::string_view column) const {
  if (Contains(excluded, column) || Contains(plain, column)) return false;
  return !included || Contains(*included, column);
}

}  // namespace trine::recommend
