#include "recommend/train/training_data.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/varint.h"
#include "history/event_codec.h"
#include "recommend/model/item_features.h"
#include "recommend/train/snapshot_file.h"
#include "recommend/train/spec_codec.h"

namespace trine::recommend {
namespace {

constexpr size_t kMaxTypes = 1000;  // further event types count as the last of these

Error CorruptRow(const char* file) {
  return Error(ErrorCode::kCorrupt, "cannot decode a row of a training snapshot").Where(file);
}

// Reads the (id, JSON) rows of users or items.
Status ReadObjects(storage::Directory& dir, const char* file,
                   const std::function<void(std::string_view, const format::Json&)>& visit) {
  auto rows = ReadSnapshot(dir, file, [&](std::string_view row) -> Status {
    std::string_view id, text;
    if (!ConsumeLengthPrefixed(&row, &id) || !ConsumeLengthPrefixed(&row, &text)) return CorruptRow(file);
    const auto json = format::ParseJson(text);
    if (!json.ok()) return CorruptRow(file);
    visit(id, *json);
    return Ok();
  });
  TRINE_TRY(rows);
  return Ok();
}

}  // namespace

ColumnChoice ColumnsOf(const TrainingSpec& spec, std::string_view dataset) {
  const auto names = [&](const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::vector<std::string> columns;
    for (const auto& [of, column] : pairs) {
      if (of == dataset) columns.push_back(UpperColumn(column));
    }
    return columns;
  };
  ColumnChoice choice;
  choice.excluded = names(spec.excluded_columns);
  choice.plain = names(spec.plain_columns);
  if (std::ranges::find(spec.included_datasets, dataset) != spec.included_datasets.end())
    choice.included = names(spec.included_columns);
  return choice;
}

EventSelection SelectionOf(const TrainingSpec& spec) {
  EventSelection selection;
  for (const auto& w : spec.event_weights)
    selection.types.push_back({LowerType(w.type), w.threshold, w.weight});
  if (selection.types.empty() && !spec.event_type.empty())
    selection.types.push_back({LowerType(spec.event_type), std::nullopt, std::nullopt});
  if (selection.types.empty()) selection = RecipeSelection(spec.recipe);
  selection.threshold = spec.event_value_threshold;
  return selection;
}

TrainingDataBuilder::TrainingDataBuilder(const TrainingSpec& spec, const catalogue::Binding& binding,
                                         Millis now, const DeclaredFields& declared)
    : selection_(SelectionOf(spec)),
      binding_(binding),
      column_uses_(declared),
      user_columns_(ColumnsOf(spec, "users")) {
  data_.now = now;
}

uint32_t TrainingDataBuilder::PersonOf(const history::Event& event) {
  const uint64_t hash = Statistics::HashOf(event.user_id.empty() ? event.session_id : event.user_id);
  const auto [entry, fresh] = by_hash_.try_emplace(hash, static_cast<uint32_t>(data_.people.size()));
  if (fresh) data_.people.push_back({hash, {}, 0, 0});
  if (!event.user_id.empty()) {
    anonymous_.erase(entry->second);
  } else if (fresh) {
    anonymous_.insert(entry->second);
  }
  return entry->second;
}

void TrainingDataBuilder::AddEvent(const history::Event& event) {
  if (!event.user_id.empty() && !event.session_id.empty())
    user_of_session_[Statistics::HashOf(event.session_id)] = Statistics::HashOf(event.user_id);
  if (event.item_id.empty()) return;
  if (!selection_.Counts(event.type, event.value)) {
    ++data_.left_out;
    return;
  }
  auto type = type_ids_.find(event.type);
  if (type == type_ids_.end()) {
    if (data_.types.size() < kMaxTypes) data_.types.push_back(event.type);
    type = type_ids_.emplace(event.type, static_cast<uint16_t>(data_.types.size() - 1)).first;
  }
  data_.events.push_back({PersonOf(event), data_.items.Intern(event.item_id), event.time.value,
                          Statistics::SessionHash(event.session_id), type->second, ClassOf(event.type)});
}

void TrainingDataBuilder::AddUser(std::string_view id, const format::Json& attributes) {
  Statistics::UserAttributes kept = ReadUserAttributes(attributes, Statistics::kMaxUserAttributes);
  std::erase_if(kept, [&](const auto& fact) { return !user_columns_.Uses(fact.first); });
  attributes_[Statistics::HashOf(id)] = std::move(kept);
}

void TrainingDataBuilder::AddItem(std::string_view id, const format::Json& source) {
  data_.items.SetFeatures(data_.items.Intern(id), ReadItemFeatures(source, binding_, &column_uses_), 0);
}

// The history joins sessions when events arrive; events that 0.1.0 stored lack it.
void TrainingDataBuilder::JoinSessions() {
  std::vector<uint32_t> person(data_.people.size());
  std::iota(person.begin(), person.end(), 0);
  for (uint32_t p = 0; p < person.size(); ++p) {
    const auto user =
        anonymous_.contains(p) ? user_of_session_.find(data_.people[p].hash) : user_of_session_.end();
    if (user == user_of_session_.end()) continue;
    const auto [known, fresh] = by_hash_.try_emplace(user->second, p);
    if (fresh) {  // no event of this user counts except those of the session
      data_.people[p].hash = user->second;
      anonymous_.erase(p);
    } else if (!anonymous_.contains(known->second)) {
      person[p] = known->second;
    }
  }
  std::vector<TrainingPerson> kept;
  std::vector<uint32_t> place(person.size());
  for (uint32_t p = 0; p < person.size(); ++p) {
    if (person[p] != p) continue;
    place[p] = static_cast<uint32_t>(kept.size());
    kept.push_back(std::move(data_.people[p]));
  }
  for (TrainingEvent& event : data_.events) event.person = place[person[event.person]];
  data_.people = std::move(kept);
}

TrainingData TrainingDataBuilder::Take() {
  data_.items.Compact();
  if (!anonymous_.empty() && !user_of_session_.empty()) JoinSessions();
  for (TrainingPerson& person : data_.people) {
    if (const auto attributes = attributes_.find(person.hash); attributes != attributes_.end())
      person.attributes = attributes->second;
  }
  std::ranges::stable_sort(data_.events, [](const TrainingEvent& a, const TrainingEvent& b) {
    return a.person != b.person ? a.person < b.person : a.time < b.time;
  });
  for (uint64_t at = 0; at < data_.events.size(); ++at) {
    TRINE_CHECK_LT(data_.events[at].person, data_.people.size());
    TrainingPerson& person = data_.people[data_.events[at].person];
    if (person.end == 0) person.begin = at;
    person.end = at + 1;
  }
  return std::move(data_);
}

Result<TrainingData> ReadTrainingData(storage::Directory& dir, const TrainingSpec& spec,
                                      const catalogue::Binding& binding, Millis now,
                                      const DeclaredFields& declared) {
  TrainingDataBuilder builder(spec, binding, now, declared);
  TRINE_TRY(ReadObjects(dir, kUsersFile,
                        [&](std::string_view id, const format::Json& json) { builder.AddUser(id, json); }));
  TRINE_TRY(ReadObjects(dir, kItemsFile,
                        [&](std::string_view id, const format::Json& json) { builder.AddItem(id, json); }));
  auto rows = ReadSnapshot(dir, kEventsFile, [&](std::string_view row) -> Status {
    auto event = history::DecodeEvent(row);
    if (!event.ok()) return CorruptRow(kEventsFile);
    builder.AddEvent(*event);
    return Ok();
  });
  TRINE_TRY(rows);
  return builder.Take();
}

}  // namespace trine::recommend
