// TrainingSpec and TrainingMetrics: what a training run is to fit, and how good its result is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recommend/model/recipes.h"

namespace trine::recommend {

// The recipe, its settings and the events that count. Stored as JSON beside the snapshot (spec_codec.h).
struct TrainingSpec {
  Recipe recipe = Recipe::kUserPersonalizationV2;
  std::vector<std::pair<std::string, std::string>> hyper_parameters;
  std::string event_type;                       // only events of this type count; empty: the recipe's types
  std::optional<double> event_value_threshold;  // events with a smaller value, or none, do not count
  struct EventWeight {
    std::string type;
    std::optional<double> threshold;
    std::optional<double> weight;  // 0..1; 0: events of the type do not count; nullopt: none was given
  };
  std::vector<EventWeight> event_weights;  // not empty: only these types count, and event_type is ignored
  // ("items", "users" or "interactions", column) pairs. Other columns of interactions are never used.
  std::vector<std::pair<std::string, std::string>> excluded_columns;
  // Strings to which the schema gives no role in training; "items" and "users".
  std::vector<std::pair<std::string, std::string>> plain_columns;
  // Of a dataset in `included_datasets`, only these columns are used.
  std::vector<std::pair<std::string, std::string>> included_columns;
  std::vector<std::string> included_datasets;
  bool update = false;  // stored but not used: training fits everything in any case, which is cheap
  uint64_t seed = 1;
};

struct TrainingMetrics {
  std::vector<std::pair<std::string, double>>
      values;  // "coverage", "ndcg_at_10" ...; see docs/formats/metrics.md
  uint64_t interactions = 0, users = 0, items = 0;
  double seconds = 0;
};

}  // namespace trine::recommend
