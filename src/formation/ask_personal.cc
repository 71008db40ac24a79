// The fourth stage of a question: applies personal scores, soft wishes and superlatives.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "format/text.h"
#include "formation/ask_stages.h"

namespace trine::formation {
namespace {

// Chooses what ranks the candidates: the caller's campaign, else the first active ranking campaign of the
// group, else the group's live counters, which need no trained model. Requires a binding.
Result<recommend::ServingConfig> ChooseServed(const AskState& state) {
  const ServedLookup lookup(state.deps.resources);
  if (!state.call.campaign.empty()) return lookup.Campaign(state.call.campaign);
  TRINE_CHECK(state.binding.has_value());
  recommend::ServingConfig counters;
  counters.group = state.binding->group;
  counters.recipe = recommend::Recipe::kPersonalizedRankingV2;
  for (const auto& campaign : state.deps.resources.List(recommend::ResourceKind::kCampaign)) {
    if (campaign.group != state.binding->group) continue;
    auto served = lookup.Campaign(campaign.path);
    if (served.ok() && recommend::Info(served->recipe).kind == recommend::RecipeKind::kRanking) return served;
  }
  return counters;
}

// The numbers that candidates are ordered by; -1 if the record has none.
double PriceNumber(const catalogue::Roles& roles, const format::Json& source) {
  const auto price = catalogue::PriceOf(roles, source);
  return price && price->currency == roles.currency_code ? price->amount : -1;
}
double WeightNumber(const catalogue::Roles& roles, const format::Json& source) {
  if (const auto grams = catalogue::GramsOf(roles, source)) return *grams;
  const format::Json* value = roles.weight.empty() ? nullptr : source.FindPath(roles.weight);
  return value != nullptr && value->is_number() ? value->number() : -1;
}

using NumberOf = double (*)(const catalogue::Roles& roles, const format::Json& source);

// Orders the candidates by a number (weight, price). Gives each a position score, from 1 for the
// first down to 0 for the last, and sets its rule score to the position score if that is higher. Ignores
// candidates without the number; does nothing if fewer than two have it.
void AddOrderWish(const catalogue::Roles& roles, NumberOf number, bool low_first,
                  const std::vector<Candidate*>& candidates) {
  std::vector<double> values;
  for (const Candidate* c : candidates) {
    if (const double v = number(roles, c->source); v >= 0) values.push_back(v);
  }
  if (values.size() < 2) return;
  std::sort(values.begin(), values.end());
  for (Candidate* c : candidates) {
    const double v = number(roles, c->source);
    if (v < 0) continue;
    const double place =
        static_cast<double>(std::lower_bound(values.begin(), values.end(), v) - values.begin()) /
        static_cast<double>(values.size() - 1);
    c->scores.rule = std::max(c->scores.rule, low_first ? 1 - place : place);
  }
}

// Turns soft wishes ("light", "cheap") into rule scores. Only candidates whose search score is at least
// `guard_whole` times the best search score get one.
void AddWishes(AskState* state) {
  if (!state->knowledge) return;
  using Sort = language::QueryIntent::Sort;
  const catalogue::Roles& roles = state->knowledge->roles;
  const auto& wants = state->intent.wants;
  double best = 0;
  for (const Candidate& f : state->candidates) best = std::max(best, f.scores.search);
  std::vector<Candidate*> relevant;
  for (Candidate& c : state->candidates) {
    if (c.scores.search >= state->options.blend.guard_whole * best) relevant.push_back(&c);
  }
  if (std::find(wants.begin(), wants.end(), "light") != wants.end() || state->intent.sort == Sort::kLightest)
    AddOrderWish(roles, WeightNumber, true, relevant);
  if (state->intent.sort == Sort::kPriceAsc) AddOrderWish(roles, PriceNumber, true, relevant);
  if (state->intent.sort == Sort::kPriceDesc) AddOrderWish(roles, PriceNumber, false, relevant);
}

// Fills in personal scores and causes for the first `personal_window` candidates.
Status RankForPerson(AskState* state, const Deadline& deadline) {
  recommend::RankRequest request;
  TRINE_ASSIGN(request.serving, ChooseServed(*state));
  request.user_id = state->call.user_id;
  request.session_id = state->call.session_id;
  request.context = state->call.context;
  const size_t count = std::min(state->candidates.size(), state->options.personal_window);
  std::unordered_map<std::string_view, size_t> place;
  for (size_t i = 0; i < count; ++i) {
    if (place.emplace(state->candidates[i].item_id, i).second)
      request.items.push_back(state->candidates[i].item_id);
  }
  TRINE_ASSIGN(auto ranking, state->deps.recommender.Rank(request, deadline));
  if (!ranking.note.empty()) state->note = ranking.note;
  for (size_t rank = 0; rank < ranking.items.size(); ++rank) {
    const auto it = place.find(ranking.items[rank].item_id);
    if (it == place.end() || !ranking.items[rank].known) continue;
    Candidate& candidate = state->candidates[it->second];
    candidate.personal = {static_cast<uint32_t>(rank + 1), ranking.items[rank].score};
    candidate.scores.personal = ranking.items[rank].score;
    candidate.because = std::move(ranking.items[rank].because);
  }
  return Ok();
}

void BlendCandidates(AskState* state) {
  std::vector<CandidateScores> scores;
  std::vector<PersonalShares> shares;
  for (const Candidate& f : state->candidates) {
    scores.push_back(f.scores);
    shares.push_back(PersonalSharesOf(f.because));
  }
  BlendScores(state->weight.value, shares, &scores, state->options.blend);
  for (size_t i = 0; i < scores.size(); ++i) state->candidates[i].scores = scores[i];
  std::stable_sort(state->candidates.begin(), state->candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.scores.score > b.scores.score; });
}

// The number that a superlative orders by; -1 if the record has none.
double OrderNumber(const Candidate& candidate, const catalogue::Roles& roles,
                   language::QueryIntent::Sort sort) {
  using Sort = language::QueryIntent::Sort;
  if (sort == Sort::kLightest) return WeightNumber(roles, candidate.source);
  if (sort == Sort::kPriceAsc || sort == Sort::kPriceDesc) return PriceNumber(roles, candidate.source);
  if (sort != Sort::kNewest || roles.created.empty()) return -1;
  const auto texts = catalogue::TextsAt(candidate.source, roles.created);
  if (texts.empty()) return -1;
  const auto time = format::ParseTime(texts.front(), 0, format::Epoch::kGuess);
  return time ? static_cast<double>(time->value) : -1;
}

// For a superlative ("the cheapest"): orders the matching candidates by the number that it refers to (price,
// weight, date), and ranks them above all candidates that do not match or lack the number. Adds the change of
// each score to the wish part of that score, so that the sum of the parts is still the score.
void OrderBySuperlative(AskState* state) {
  using Sort = language::QueryIntent::Sort;
  const Sort sort = state->intent.sort;
  // "New headphones" demands an order as "the newest" does, because age is not a matter of degree.
  const bool demanded = state->intent.superlative || (sort == Sort::kNewest && !state->intent.open);
  if (!demanded || sort == Sort::kRelevance || sort == Sort::kPopular || !state->knowledge) return;
  std::vector<std::pair<double, Candidate*>> order;
  double most = 0;
  for (Candidate& candidate : state->candidates) {
    most = std::max(most, candidate.scores.score);
    const double number = candidate.matches ? OrderNumber(candidate, state->roles, sort) : -1;
    if (number >= 0) order.emplace_back(number, &candidate);
  }
  const bool low_first = sort == Sort::kPriceAsc || sort == Sort::kLightest;
  std::stable_sort(order.begin(), order.end(), [low_first](const auto& a, const auto& b) {
    return low_first ? a.first < b.first : a.first > b.first;
  });
  for (size_t i = 0; i < order.size(); ++i) {
    CandidateScores& scores = order[i].second->scores;
    const double score = most + static_cast<double>(order.size() - i) / static_cast<double>(order.size());
    scores.wish += score - scores.score;
    scores.score = score;
  }
  std::stable_sort(state->candidates.begin(), state->candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.scores.score > b.scores.score; });
}

// Keeps the newest event of each of the newest items.
void KeepRecentEvents(const std::vector<history::Event>& events, AskState* state) {
  std::unordered_set<std::string_view> items;
  for (const history::Event& event : events) {
    if (state->recent_events.size() >= kRecentEvents) break;
    if (!event.item_id.empty() && items.insert(event.item_id).second) state->recent_events.push_back(event);
  }
}

}  // namespace

Status PersonaliseCandidates(AskState* state, const Deadline& deadline) {
  AddWishes(state);
  Status personal = Ok();
  if (state->call.user_id.empty() && state->call.session_id.empty()) {
    personal = Error(ErrorCode::kStageSkipped, "no user_id was given");
  } else if (!state->binding) {
    personal =
        Error(ErrorCode::kStageSkipped, "the index is not bound to a dataset group (PUT /_trine/bindings/" +
                                            state->call.collection->name + ")");
  } else if (Status in_time = deadline.Check("personalising"); !in_time.ok()) {
    personal = in_time;
  } else {
    const GroupId group = state->binding->group;
    const history::History& history = state->deps.history;
    const auto user = history.UserForRequest(group, state->call.user_id, state->call.session_id);
    const auto events = history.UserEvents(group, user.ok() ? std::string_view(*user) : state->call.user_id,
                                           state->call.session_id, limits::kUserHistoryForServing);
    state->events = events.ok() ? events->size() : 0;
    if (events.ok() && state->model != nullptr) KeepRecentEvents(*events, state);
    personal = RankForPerson(state, deadline);
  }
  state->weight = state->call.weight ? PersonalWeight{*state->call.weight, "set by the request"}
                                     : AutoWeight(state->intent, state->events, state->options.blend);
  if (!personal.ok()) state->weight = {0, "the personal score was not used: " + personal.error().message};
  BlendCandidates(state);
  OrderBySuperlative(state);
  return personal;
}

}  // namespace trine::formation
