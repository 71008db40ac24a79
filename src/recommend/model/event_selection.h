// EventSelection: which events count under the settings of a solution, and with what weight.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recommend/model/recipes.h"

namespace trine::recommend {

// A value type. By default all events count alike.
struct EventSelection {
  struct Type {
    std::string name;                 // in the form of LowerType
    std::optional<double> threshold;  // nullopt: `EventSelection::threshold` applies
    std::optional<double> weight;     // nullopt: none was given; 0: events of the type do not count
    bool operator==(const Type&) const = default;
  };
  std::vector<Type> types;          // only these count; empty: all
  std::optional<double> threshold;  // events with a smaller value, or without one, do not count
  bool operator==(const EventSelection&) const = default;

  // `type` may have any case.
  bool Counts(std::string_view type, const std::optional<double>& value) const;
  // The weight that was given for a type; nullopt if none was given or the type does not count.
  std::optional<double> WeightOf(std::string_view type) const;
  bool Weighted() const;                   // whether at least one weight was given
  std::vector<std::string> Types() const;  // the names of `types`
};

// Returns the selection of a recipe whose solution restricts nothing: the recipe's own event types.
EventSelection RecipeSelection(Recipe recipe);

// The columns of a dataset that a solution uses. Names are in upper case. A value type.
struct ColumnChoice {
  std::vector<std::string> excluded;                 // by the caller
  std::vector<std::string> plain;                    // strings that the schema gives no role in training
  std::optional<std::vector<std::string>> included;  // only these are used; nullopt: all
  bool operator==(const ColumnChoice&) const = default;
  bool Uses(std::string_view column) const;
};

}  // namespace trine::recommend
