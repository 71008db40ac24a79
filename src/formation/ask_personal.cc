// The fourth stage of a question: the person. And what its causes are called.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "format/text.h"
#include "formation/ask_stages.h"

namespace trine::formation {
namespace {

constexpr size_t kRanked = 200;  // candidates that the person's order is asked for

// What serves: the campaign that was named, else the group's ranking campaign, else its counters alone.
Result<recommend::Served> ChooseServed(const AskState& state) {
  const ServedLookup lookup(state.deps.resources);
  if (!state.call.campaign.empty()) return lookup.Campaign(state.call.campaign);
  recommend::Served counters;
  counters.group = state.binding->group;
  counters.recipe = recommend::Recipe::kPersonalizedRankingV2;
  for (const auto& campaign : state.deps.resources.List(recommend::ResourceKind::kCampaign)) {
    if (campaign.group != state.binding->group) continue;
    auto served = lookup.Campaign(campaign.path);
    if (served.ok() && recommend::Info(served->recipe).kind == recommend::RecipeKind::kRanking) return served;
  }
  return counters;
}

double NumberAt(const format::Json& source, const std::string& path) {
  const format::Json* value = path.empty() ? nullptr : source.FindPath(path);
  return value != nullptr && value->is_number() ? value->number() : -1;
}

// 1 for the lightest (or cheapest ...) of the candidates that carry the number, 0 for the heaviest.
void AddOrderWish(const std::string& path, bool low_first, std::vector<Candidate>* candidates) {
  std::vector<double> values;
  for (const Candidate& f : *candidates) {
    if (const double v = NumberAt(f.source, path); v >= 0) values.push_back(v);
  }
  if (values.size() < 2) return;
  std::sort(values.begin(), values.end());
  for (Candidate& f : *candidates) {
    const double v = NumberAt(f.source, path);
    if (v < 0) continue;
    const double place =
        static_cast<double>(std::lower_bound(values.begin(), values.end(), v) - values.begin()) /
        static_cast<double>(values.size() - 1);
    f.scores.rule = std::max(f.scores.rule, low_first ? 1 - place : place);
  }
}

// Soft wishes become an order among the candidates that the question means.
void AddWishes(AskState* state) {
  if (!state->knowledge) return;
  using Sort = language::QueryIntent::Sort;
  const FieldRoles& roles = state->knowledge->roles;
  const auto& wants = state->intent.wants;
  double best = 0;
  for (const Candidate& f : state->candidates) best = std::max(best, f.scores.search);
  std::vector<Candidate> meant;
  std::vector<size_t> places;
  for (size_t i = 0; i < state->candidates.size(); ++i) {
    if (state->candidates[i].scores.search < kGuardWhole * best) continue;
    Candidate copy;
    copy.source = state->candidates[i].source;
    meant.push_back(std::move(copy));
    places.push_back(i);
  }
  if (std::find(wants.begin(), wants.end(), "light") != wants.end() || state->intent.sort == Sort::kLightest)
    AddOrderWish(roles.weight, true, &meant);
  if (state->intent.sort == Sort::kPriceAsc) AddOrderWish(roles.price, true, &meant);
  if (state->intent.sort == Sort::kPriceDesc) AddOrderWish(roles.price, false, &meant);
  for (size_t i = 0; i < meant.size(); ++i) state->candidates[places[i]].scores.rule = meant[i].scores.rule;
}

Status AskForOrder(AskState* state, const Deadline& deadline) {
  recommend::RankRequest request;
  TRINE_ASSIGN(request.served, ChooseServed(*state));
  request.user_id = state->call.user_id;
  request.session_id = state->call.session_id;
  request.context = state->call.context;
  const size_t count = std::min(state->candidates.size(), kRanked);
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
  BlendScores(state->weight.value, shares, &scores);
  for (size_t i = 0; i < scores.size(); ++i) state->candidates[i].scores = scores[i];
  std::stable_sort(state->candidates.begin(), state->candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.scores.score > b.scores.score; });
}

// The number that a superlative orders by; negative: the record has none.
double OrderNumber(const Candidate& candidate, const FieldRoles& roles, language::QueryIntent::Sort sort) {
  using Sort = language::QueryIntent::Sort;
  if (sort == Sort::kLightest) return NumberAt(candidate.source, roles.weight);
  if (sort == Sort::kPriceAsc || sort == Sort::kPriceDesc) return NumberAt(candidate.source, roles.price);
  if (sort != Sort::kNewest || roles.created.empty()) return -1;
  const auto texts = TextsAt(candidate.source, roles.created);
  if (texts.empty()) return -1;
  const auto time = format::ParseTime(texts.front(), 0, format::Epoch::kGuess);
  return time ? static_cast<double>(time->value) : -1;
}

// "The cheapest": what fits stands in the order of its number, above all else. The rule's part of the score
// makes up for the rest, so that parts still add up.
void OrderBySuperlative(AskState* state) {
  using Sort = language::QueryIntent::Sort;
  const Sort sort = state->intent.sort;
  if (!state->intent.superlative || sort == Sort::kRelevance || sort == Sort::kPopular || !state->knowledge)
    return;
  std::vector<std::pair<double, Candidate*>> order;
  double most = 0;
  for (Candidate& candidate : state->candidates) {
    most = std::max(most, candidate.scores.score);
    const double number = candidate.matches ? OrderNumber(candidate, state->knowledge->roles, sort) : -1;
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

bool EndsWith(std::string_view text, std::string_view tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

}  // namespace

Status PersonaliseCandidates(AskState* state, const Deadline& deadline) {
  AddWishes(state);
  Status asked = Ok();
  if (state->call.user_id.empty() && state->call.session_id.empty()) {
    asked = Error(ErrorCode::kStageSkipped, "no user_id was given");
  } else if (!state->binding) {
    asked = Error(ErrorCode::kStageSkipped, "the index is bound to no dataset group (PUT /_trine/bindings/" +
                                                state->call.collection->name + ")");
  } else if (Status in_time = deadline.Check("personalising"); !in_time.ok()) {
    asked = in_time;
  } else {
    const auto events = state->deps.history.UserEvents(
        state->binding->group, state->call.user_id, state->call.session_id, limits::kUserHistoryForServing);
    state->events = events.ok() ? events->size() : 0;
    asked = AskForOrder(state, deadline);
  }
  state->weight = state->call.weight ? PersonalWeight{*state->call.weight, "given by the request"}
                                     : AutoWeight(state->intent, state->events);
  if (!asked.ok()) state->weight = {0, "the personal part dropped out: " + asked.error().message};
  BlendCandidates(state);
  OrderBySuperlative(state);
  return asked;
}

std::string TitleOf(const FieldRoles& roles, const format::Json& source, std::string_view language) {
  std::string plain, marked;
  for (const std::string& field : roles.titles) {
    const auto texts = TextsAt(source, field);
    if (texts.empty()) continue;
    const bool english = EndsWith(field, "_en"), korean = EndsWith(field, "_ko");
    if ((english && language == "en") || (korean && language == "ko"))
      marked = texts.front();
    else if (plain.empty())
      plain = texts.front();
  }
  return marked.empty() ? plain : marked;
}

namespace {

// The levels of a path ("패션>여성"), or the value itself.
std::vector<std::string_view> LevelsOf(std::string_view path) {
  std::vector<std::string_view> levels;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('>', at), path.size());
    std::string_view level = path.substr(at, end - at);
    while (level.starts_with(' ')) level.remove_prefix(1);
    while (level.ends_with(' ')) level.remove_suffix(1);
    levels.push_back(level);
    at = end + 1;
  }
  return levels;
}

// The field that says in `language` what `field` says; empty: none, or `field` itself is in it.
std::string TwinOf(const format::Json& source, const std::string& field, std::string_view language) {
  const bool marked = EndsWith(field, "_en") || EndsWith(field, "_ko");
  const std::string stem = marked ? field.substr(0, field.size() - 3) : field;
  std::string spoken = stem + "_" + std::string(language);
  if (field == spoken) return "";
  if (source.Find(spoken) != nullptr) return spoken;
  return marked && source.Find(stem) != nullptr ? stem : "";
}

// An attribute's value in the language that is spoken, where the record says it in that too: "Kitchen" of
// "Home>Kitchen" in "category_en" for "주방" of "홈>주방" in "category".
std::string ValueIn(const ReasonContext& context, const format::Json& source, const recommend::Cause& cause) {
  if (cause.kind != recommend::Cause::Kind::kItemAttribute || !source.is_object()) return cause.value;
  for (const auto& [field, value] : source.object()) {
    if (!value.is_string()) continue;
    const auto levels = LevelsOf(value.string());
    const auto level = std::find(levels.begin(), levels.end(), cause.value);
    if (level == levels.end()) continue;
    const std::string twin = TwinOf(source, field, context.language);
    const format::Json* said = twin.empty() ? nullptr : source.Find(twin);
    if (said == nullptr || !said->is_string()) continue;
    const auto spoken = LevelsOf(said->string());
    if (spoken.size() == levels.size())
      return std::string(spoken[static_cast<size_t>(level - levels.begin())]);
  }
  return cause.value;
}

}  // namespace

std::vector<language::ReasonCause> ReasonCauses(const ReasonContext& context, const format::Json& source,
                                                const std::vector<recommend::Cause>& because) {
  using From = recommend::Cause::Kind;
  using To = language::ReasonCause::Kind;
  static const std::map<From, To> kKinds = {{From::kEvent, To::kEvent},
                                            {From::kItemAttribute, To::kItemAttribute},
                                            {From::kUserAttribute, To::kUserAttribute},
                                            {From::kPopularity, To::kPopularity},
                                            {From::kTrend, To::kTrend},
                                            {From::kSeason, To::kSeason},
                                            {From::kRegion, To::kRegion},
                                            {From::kExploration, To::kExploration},
                                            {From::kPromotion, To::kPopularity}};
  std::vector<language::ReasonCause> out;
  for (const recommend::Cause& cause : because) {
    language::ReasonCause reason;
    reason.kind = kKinds.at(cause.kind);
    reason.amount = cause.amount;
    reason.event_type = cause.event.type;
    reason.attribute = cause.attribute;
    reason.value = ValueIn(context, source, cause);
    reason.time = cause.event.time;
    const std::string& about = cause.kind == From::kEvent ? cause.event.item_id : cause.reason_item;
    if (!about.empty()) {
      const auto& records = context.deps.records;
      const auto record = context.binding ? records.GetItem(*context.binding, context.collection->id, about)
                                          : records.Get(context.collection->id, about);
      if (record.ok() && *record) {
        const auto other = format::ParseJson((*record)->source);
        if (other.ok()) reason.item_title = TitleOf(context.roles, *other, context.language);
      }
      if (reason.item_title.empty()) reason.item_title = about;
    }
    out.push_back(std::move(reason));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.amount > b.amount; });
  return out;
}

}  // namespace trine::formation
