#include "recommend/recipe/request_state.h"

#include "base/limits.h"
#include "recommend/train/fit.h"

namespace trine::recommend {

const LiveRules& LiveRulesOf(const Statistics& statistics, Recipe recipe) {
  if (recipe == Recipe::kBoughtTogether) return statistics.basket_rules();
  if (recipe == Recipe::kViewedAlsoViewed) return statistics.viewed_rules();
  return statistics.sequence_rules();
}

Result<RequestState> PrepareRequest(GroupRegistry& groups, const RecommenderDependencies& dependencies,
                                    const ServingConfig& serving, std::string_view user,
                                    std::string_view session, const Context& context,
                                    const Deadline& deadline) {
  TRINE_TRY(deadline.Check("the recommendation"));
  RequestState state;
  // Read the events first, so that the counts include all of them.
  TRINE_ASSIGN(state.events,
               dependencies.history.UserEvents(serving.group, user, session, limits::kUserHistoryForServing));
  if (!user.empty()) {
    TRINE_ASSIGN(state.user, dependencies.history.GetUser(serving.group, user));
  }
  TRINE_ASSIGN(state.group, groups.Read(serving.group, serving.model));
  TRINE_TRY(deadline.Check("the recommendation"));
  const GroupView& group = state.group;
  const TrainedModel* model = state.model();
  if (model != nullptr) {
    state.meta = &model->meta();
    state.weights = model->meta().weights;
    state.ignored = IgnoredColumns(group.items(), model->meta().excluded_columns);
  }
  state.rules = RuleSource{model != nullptr ? &model->rules() : nullptr,
                           model != nullptr ? &group.model()->items : nullptr,
                           &LiveRulesOf(group.statistics(), serving.recipe)};
  state.profile = MakeUserProfile(group, state.meta, state.events, state.user ? &*state.user : nullptr,
                                  context, dependencies.clock.Now());
  return state;
}

}  // namespace trine::recommend
