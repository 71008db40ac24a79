// Recommender requests: the model and settings to answer with, the person, the filter and the promotions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "recommend/model/recipes.h"
#include "recommend/rank/filter.h"

namespace trine::recommend {

using Context = std::vector<std::pair<std::string, std::string>>;  // ("DEVICE", "mobile")

// The model and settings to answer a request with: the model of a trained version, or the group's live
// counters alone if nothing was trained yet.
struct ServingConfig {
  GroupId group;
  Recipe recipe = Recipe::kUserPersonalizationV2;
  std::string model;                     // name of the trained model; empty: live counters alone
  double exploration_weight = 0;         // 0..1; with 0 the same request has the same answer
  double exploration_max_age_days = 30;  // items up to this age are explored
  // How many of a person's newest events of each type filters see, and the exclusion of bought items; 0: all.
  size_t filtered_events_per_type = 0;
};

// Items that pass `filter` take up to `percent` of the list. The filter is borrowed for the request.
struct Promotion {
  std::string name;
  const Filter* filter = nullptr;
  FilterValues values;
  int percent = 100;
};

struct RecommendRequest {
  ServingConfig serving;
  std::string user_id, session_id, item_id;  // only those that the recipe's kind needs must be set
  size_t count = 25;                         // up to limits::kMaxResults
  Context context;
  const Filter* filter = nullptr;
  FilterValues filter_values;
  std::vector<Promotion> promotions;
  bool explain = true;  // false leaves RecommendedItem::because empty, which is faster
  bool shares = true;  // false returns weighted scores instead of shares of 1, which is faster for many items
};
struct RankRequest {
  ServingConfig serving;
  std::string user_id, session_id;
  std::vector<std::string> items;  // up to limits::kMaxResults; duplicates are ignored
  Context context;
  const Filter* filter = nullptr;
  FilterValues filter_values;
  bool explain = true;  // as in RecommendRequest
};

}  // namespace trine::recommend
