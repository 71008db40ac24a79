// Reasons: turns the causes of a personal score, and the question's words found in a record, into one
// sentence.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "format/json.h"
#include "formation/ask_stages.h"
#include "formation/intent_matcher.h"
#include "formation/visible_fields.h"

namespace trine::formation {
namespace {

// The levels of a path ("패션>여성"), trimmed; a value without '>' has one level.
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

// The field with the same content in `language`; empty if there is none or `field` itself is in `language`.
std::string TwinOf(const format::Json& source, const std::string& field, std::string_view language) {
  const bool marked = field.ends_with("_en") || field.ends_with("_ko");
  const std::string stem = marked ? field.substr(0, field.size() - 3) : field;
  std::string spoken = stem + "_" + std::string(language);
  if (field == spoken) return "";
  if (source.Find(spoken) != nullptr) return spoken;
  return marked && source.Find(stem) != nullptr ? stem : "";
}

// Translates the value of an attribute into `language` if the record also has the attribute in that language;
// otherwise returns it unchanged. Example: "주방", from "홈>주방" in "category", becomes "Kitchen", from
// "Home>Kitchen" in "category_en".
std::string ValueIn(const format::Json& source, const recommend::Cause& cause, std::string_view language) {
  if (cause.kind != recommend::Cause::Kind::kItemAttribute || !source.is_object()) return cause.value;
  for (const auto& [field, value] : source.object()) {
    if (!value.is_string()) continue;
    const auto levels = LevelsOf(value.string());
    const auto level = std::find(levels.begin(), levels.end(), cause.value);
    if (level == levels.end()) continue;
    const std::string twin = TwinOf(source, field, language);
    const format::Json* said = twin.empty() ? nullptr : source.Find(twin);
    if (said == nullptr || !said->is_string()) continue;
    const auto spoken = LevelsOf(said->string());
    if (spoken.size() == levels.size())
      return std::string(spoken[static_cast<size_t>(level - levels.begin())]);
  }
  return cause.value;
}

language::ReasonCause::Kind ReasonKind(recommend::Cause::Kind kind) {
  using From = recommend::Cause::Kind;
  using To = language::ReasonCause::Kind;
  switch (kind) {
    case From::kEvent:
      return To::kEvent;
    case From::kItemAttribute:
      return To::kItemAttribute;
    case From::kUserAttribute:
      return To::kUserAttribute;
    case From::kPopularity:
    case From::kPromotion:
      return To::kPopularity;
    case From::kTrend:
      return To::kTrend;
    case From::kSeason:
      return To::kSeason;
    case From::kRegion:
      return To::kRegion;
    case From::kExploration:
      return To::kExploration;
  }
  return To::kPopularity;
}

// The words of the question that occur in the record, as a cause.
std::optional<language::ReasonCause> QueryCause(const IntentMatcher& matcher, const Candidate& candidate) {
  std::string matched;
  for (const std::string& word : matcher.MatchedWords(candidate.source))
    matched += (matched.empty() ? "" : ", ") + word;
  if (matched.empty()) return std::nullopt;
  language::ReasonCause cause;
  cause.kind = language::ReasonCause::Kind::kQuery;
  cause.amount = candidate.scores.base;
  cause.value = matched;
  return cause;
}

// The source of an item of the collection; nullopt if it does not exist or cannot be read.
std::optional<format::Json> SourceOfItem(const AskState& state, const std::string& item_id) {
  const auto& records = state.deps.records;
  const auto record = state.binding ? records.GetItem(*state.binding, state.call.collection->id, item_id)
                                    : records.Get(state.call.collection->id, item_id);
  if (!record.ok() || !*record) return std::nullopt;
  auto source = format::ParseJson((*record)->source);
  return source.ok() ? std::optional(std::move(*source)) : std::nullopt;
}

// Converts the causes to ReasonCause, strongest first. Looks up the titles of other items, and translates
// values into the language of the answer if the record has them in that language.
std::vector<language::ReasonCause> ReasonCauses(const AskState& state, const format::Json& source,
                                                const std::vector<recommend::Cause>& because) {
  using From = recommend::Cause::Kind;
  std::vector<language::ReasonCause> out;
  const bool limited = !state.call.visible_fields.empty();
  for (const recommend::Cause& cause : because) {
    // A cause may name a value of a field that the caller may not see.
    if (limited && cause.kind == From::kUserAttribute) continue;
    if (limited && cause.kind == From::kItemAttribute && !HasValue(source, cause.value)) continue;
    language::ReasonCause reason;
    reason.kind = ReasonKind(cause.kind);
    reason.amount = cause.amount;
    reason.event_type = cause.event.type;
    reason.attribute = cause.attribute;
    reason.value = ValueIn(source, cause, state.intent.language);
    reason.time = cause.event.time;
    const std::string& about = cause.kind == From::kEvent ? cause.event.item_id : cause.reason_item;
    if (!about.empty()) {
      if (const auto other = SourceOfItem(state, about))
        reason.item_title = TitleOf(state.roles, *other, state.intent.language);
      if (reason.item_title.empty()) reason.item_title = about;
    }
    out.push_back(std::move(reason));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.amount > b.amount; });
  return out;
}

}  // namespace

std::string TitleOf(const catalogue::Roles& roles, const format::Json& source, std::string_view language) {
  std::string plain, marked;
  for (const std::string& field : roles.titles) {
    const auto texts = catalogue::TextsAt(source, field);
    if (texts.empty()) continue;
    const bool english = field.ends_with("_en"), korean = field.ends_with("_ko");
    if ((english && language == "en") || (korean && language == "ko"))
      marked = texts.front();
    else if (plain.empty())
      plain = texts.front();
  }
  return marked.empty() ? plain : marked;
}

std::string ReasonText(const AskState& state, const Candidate& candidate) {
  const IntentMatcher matcher(state.intent, state.roles, state.vocabulary());
  auto causes = ReasonCauses(state, candidate.source, candidate.because);
  if (auto query = QueryCause(matcher, candidate); query) causes.push_back(std::move(*query));
  return language::ComposeReason(causes, state.intent.language, state.deps.clock.Now());
}

Taste TasteOf(const AskState& state, size_t items) {
  TRINE_DCHECK_LE(items, state.candidates.size());
  constexpr size_t kMaxValues = 3;  // enough to tell people apart; each is a line of the prompt
  if (state.weight.value <= 0) return {};
  Taste taste;
  const auto add = [&](const language::ReasonCause& cause) {
    taste.sentences.push_back(
        language::ComposeReason({cause}, state.intent.language, state.deps.clock.Now()));
  };
  std::vector<recommend::Cause> events;
  for (const history::Event& event : state.recent_events) {
    const auto source = SourceOfItem(state, event.item_id);
    if (!source || !catalogue::IsVisible(state.roles_of_all_fields, *source)) continue;
    recommend::Cause& cause = events.emplace_back();
    cause.kind = recommend::Cause::Kind::kEvent;
    cause.amount = 1;
    cause.event = event;
  }
  for (const language::ReasonCause& cause : ReasonCauses(state, {}, events)) {
    add(cause);
    taste.titles.push_back(cause.item_title);
  }
  std::vector<language::ReasonCause> values;
  for (size_t i = 0; i < items; ++i) {
    const Candidate& candidate = state.candidates[i];
    for (language::ReasonCause& cause : ReasonCauses(state, candidate.source, candidate.because)) {
      if (cause.kind != language::ReasonCause::Kind::kItemAttribute || cause.amount <= 0) continue;
      const auto same = std::find_if(values.begin(), values.end(),
                                     [&](const auto& value) { return value.value == cause.value; });
      if (same == values.end())
        values.push_back(std::move(cause));
      else
        same->amount += cause.amount;
    }
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return a.amount > b.amount; });
  for (size_t i = 0; i < std::min(values.size(), kMaxValues); ++i) add(values[i]);
  return taste;
}

}  // namespace trine::formation
