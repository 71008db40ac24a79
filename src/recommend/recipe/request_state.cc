#include "recommend/recipe/request_state.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "base/limits.h"
#include "recommend/train/fit.h"

namespace trine::recommend {

const LiveRules& LiveRulesOf(const Statistics& statistics, Recipe recipe) {
  if (recipe == Recipe::kBoughtTogether) return statistics.basket_rules();
  if (recipe == Recipe::kViewedAlsoViewed) return statistics.viewed_rules();
  return statistics.sequence_rules();
}

namespace {

// A person's newest counting events suffice if there are this many: the next one would weigh less than 1 %.
constexpr std::ptrdiff_t kEnoughForTaste = 20;
// Reading this many events takes a few milliseconds.
constexpr size_t kRowsForTaste = 5000;

Status ReadUser(const history::History& history, const ServingConfig& serving, const PersonNeeds& person,
                RequestState* state) {
  TRINE_ASSIGN(state->events, history.UserEvents(serving.group, person.user, person.session,
                                                 limits::kUserHistoryForServing));
  if (!person.user.empty()) {
    TRINE_ASSIGN(state->user, history.GetUser(serving.group, person.user));
  }
  state->items_by_column = [&history, group = serving.group, user = std::string(person.user),
                            session = std::string(person.session),
                            quota = serving.filtered_events_per_type](std::string_view column) {
    return history.ItemsByColumn(group, user, session, column, quota);
  };
  if (!person.items) return Ok();
  const bool complete = state->events.size() < limits::kUserHistoryForServing;
  if (!complete || serving.filtered_events_per_type != 0) {
    TRINE_ASSIGN(state->items, history.ItemsOf(serving.group, person.user, person.session,
                                               serving.filtered_events_per_type));
    return Ok();
  }
  auto items = std::make_shared<history::PersonItems>();
  for (const history::Event& event : state->events) items->Add(LowerType(event.type), event.item_id);
  state->items.push_back(std::move(items));
  return Ok();
}

// Reads the person that a request is about, and returns the user id: that of the owner if the request names a
// session that belongs to a user. Events of the given user show, without further lookups, that the id is a
// user's own.
Result<std::string> ReadPerson(const history::History& history, const ServingConfig& serving,
                               const PersonNeeds& given, RequestState* state) {
  TRINE_TRY(ReadUser(history, serving, given, state));
  const auto is_own = [&](const history::Event& event) { return event.user_id == given.user; };
  if (!given.user.empty() && std::ranges::any_of(state->events, is_own)) return std::string(given.user);
  TRINE_ASSIGN(std::string user, history.UserForRequest(serving.group, given.user, given.session));
  if (user == given.user) return user;
  state->items.clear();
  TRINE_TRY(ReadUser(history, serving, {user, given.session, given.items}, state));
  return user;
}

// The events that count under a solution's settings may all be older than the newest events. Then replaces
// state->events by the newest counting ones among the newest kRowsForTaste events.
Status ReadCountingEvents(const history::History& history, const ServingConfig& serving,
                          const PersonNeeds& person, RequestState* state) {
  const RecipeKind kind = Info(serving.recipe).kind;
  if (state->meta == nullptr || (kind != RecipeKind::kUser && kind != RecipeKind::kRanking)) return Ok();
  const EventSelection& selection = state->meta->events;
  const auto counts = [&](const history::Event& event) { return selection.Counts(event.type, event.value); };
  if (state->events.size() < limits::kUserHistoryForServing ||
      std::ranges::count_if(state->events, counts) >= kEnoughForTaste) {
    return Ok();
  }
  std::vector<history::Event> counting;
  size_t rows = 0;
  TRINE_TRY(history.ScanPerson(serving.group, person.user, person.session, [&](const history::Event& event) {
    if (counts(event)) counting.push_back(event);
    return ++rows < kRowsForTaste && counting.size() < limits::kUserHistoryForServing;
  }));
  std::ranges::stable_sort(counting, [](const history::Event& a, const history::Event& b) {
    return a.time != b.time ? a.time > b.time : a.seq > b.seq;
  });
  state->events = std::move(counting);
  return Ok();
}

}  // namespace

std::unordered_set<Item> BoughtItems(const RequestState& state) {
  std::unordered_set<Item> bought;
  for (const auto& part : state.items) {
    for (const auto& [type, items] : part->by_value) {
      if (ClassOf(type) != EventClass::kPurchase) continue;
      for (const std::string& id : items) {
        if (const Item item = state.group.items().Find(id); item != kNone) bought.insert(item);
      }
    }
  }
  return bought;
}

Result<RequestState> PrepareRequest(GroupRegistry& groups, const RecommenderDependencies& dependencies,
                                    const ServingConfig& serving, const PersonNeeds& given,
                                    const Context& context, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("the recommendation"));
  RequestState state;
  // Read the events first, so that the counts include all of them.
  TRINE_ASSIGN(const std::string user, ReadPerson(dependencies.history, serving, given, &state));
  const PersonNeeds person{user, given.session, given.items};
  TRINE_ASSIGN(state.group, groups.Read(serving.group, serving.model));
  TRINE_TRY(deadline.Check("the recommendation"));
  const GroupView& group = state.group;
  const TrainedModel* model = state.model();
  if (model != nullptr) {
    state.meta = &model->meta();
    state.weights = model->meta().weights;
    state.ignored = IgnoredColumns(group.items(), model->meta().item_columns);
  }
  state.rules = RuleSource{model != nullptr ? &model->rules() : nullptr,
                           model != nullptr ? &group.model()->items : nullptr,
                           &LiveRulesOf(group.statistics(), serving.recipe)};
  TRINE_TRY(ReadCountingEvents(dependencies.history, serving, person, &state));
  state.profile = MakeUserProfile(group, state.meta, state.events, state.user ? &*state.user : nullptr,
                                  context, dependencies.clock.Now());
  return state;
}

}  // namespace trine::recommend
