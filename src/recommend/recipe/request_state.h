// RequestState: everything that one request needs, read under the shared lock of its group's state.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/deadline.h"
#include "recommend/candidate/group_registry.h"
#include "recommend/candidate/user_profile.h"
#include "recommend/model/scorer.h"
#include "recommend/rank/request.h"

namespace trine::recommend {

// Owned by one request. Holds the group's shared lock through `group`, so it lives no longer than the
// request. Not thread-safe. Do not move it once a Scorer refers to it.
struct RequestState {
  GroupView group;
  const ModelMeta* meta = nullptr;     // nullptr: there is no model
  std::vector<history::Event> events;  // the person's newest events, newest first
  history::PersonItemsParts items;     // of all of the person's events; empty unless PersonNeeds asks for it
  // The items of all of the person's events by the values of a column. May read the store.
  std::function<Result<history::PersonItemsParts>(std::string_view column)> items_by_column;
  std::optional<history::User> user;
  UserProfile profile;
  ScoreWeights weights;
  std::vector<char> ignored;  // by item column: 1 for columns that the model excludes
  RuleSource rules;

  const TrainedModel* model() const {
    return group.model() != nullptr ? group.model()->model.get() : nullptr;
  }
  // The scorer borrows this object and `scratch`.
  Scorer MakeScorer(ScorerScratch* scratch) const {
    return Scorer(group.items(), group.statistics(), group.lifts(), rules, weights, ignored, profile,
                  scratch);
  }
};

// The person that a request is about, and which parts of the person's history the request reads.
struct PersonNeeds {
  std::string_view user, session;  // may be empty
  bool items = false;              // the items of the whole history, for filters and bought items
};

// Reads the person's events and attributes, then the group's state, so that the state's counts include all of
// these events. A model that is missing or cannot be read is not an error: `meta` is then nullptr and the
// live counters answer. Returns kTimeout if the deadline has passed; kIo and kCorrupt come from the stores.
Result<RequestState> PrepareRequest(GroupRegistry& groups, const RecommenderDependencies& dependencies,
                                    const ServingConfig& serving, const PersonNeeds& person,
                                    const Context& context, const Deadline& deadline);

// Returns the items that the person ever bought. Requires PersonNeeds::items.
std::unordered_set<Item> BoughtItems(const RequestState& state);

// Returns the live rules that a recipe uses.
const LiveRules& LiveRulesOf(const Statistics& statistics, Recipe recipe);

}  // namespace trine::recommend
