#include "recommend/model/trained_model.h"

#include <algorithm>
#include <cmath>

#include "format/json.h"

namespace trine::recommend {
namespace {

constexpr uint32_t kKind = 0x4c444f4d;  // "MODL", the kind of the section file
// Section ids are stored on disk; never reuse a number.
enum Id : uint32_t {
  kMeta = 1,
  kIdOffsets = 2,
  kIdBytes = 3,
  kRuleStarts = 4,
  kRuleTo = 5,
  kRuleWeights = 6,
  kPeople = 7
};

using format::Json;

// (name in the file, member) of every weight.
constexpr std::pair<std::string_view, double ScoreWeights::*> kWeightMembers[] = {
    {"rules", &ScoreWeights::rules},
    {"taste", &ScoreWeights::taste},
    {"people", &ScoreWeights::people},
    {"season", &ScoreWeights::season},
    {"popularity", &ScoreWeights::popularity},
    {"recent", &ScoreWeights::recent},
    {"repeat", &ScoreWeights::repeat},
    {"age_decay", &ScoreWeights::age_decay},
    {"cold_taste", &ScoreWeights::cold_taste},
    {"slope", &ScoreWeights::slope},
    {"offset", &ScoreWeights::offset},
    {"horizon_days", &ScoreWeights::horizon_days},
    {"purchase_share", &ScoreWeights::purchase_share}};

Json StringsToJson(const std::vector<std::string>& strings) {
  Json array{Json::Array{}};
  for (const std::string& s : strings) array.Push(s);
  return array;
}

void EventsToJson(const EventSelection& events, Json* json) {
  Json weights = Json::Object{}, thresholds = Json::Object{};
  for (const EventSelection::Type& type : events.types) {
    if (type.weight) weights.Set(type.name, *type.weight);
    if (type.threshold) thresholds.Set(type.name, *type.threshold);
  }
  json->Set("event_types", StringsToJson(events.Types()));
  json->Set("event_weights", std::move(weights));
  json->Set("event_thresholds", std::move(thresholds));
  if (events.threshold) json->Set("event_value_threshold", *events.threshold);
}

// The names of the members that hold one ColumnChoice.
struct ColumnMembers {
  std::string_view excluded, plain, included;
};
constexpr ColumnMembers kItemColumns = {"excluded_columns", "plain_columns", "included_columns"};
constexpr ColumnMembers kUserColumns = {"excluded_user_columns", "plain_user_columns",
                                        "included_user_columns"};

void ColumnsToJson(const ColumnChoice& columns, const ColumnMembers& members, Json* json) {
  json->Set(members.excluded, StringsToJson(columns.excluded));
  json->Set(members.plain, StringsToJson(columns.plain));
  if (columns.included) json->Set(members.included, StringsToJson(*columns.included));
}

Json MetaToJson(const ModelMeta& meta) {
  Json json;
  json.Set("recipe", static_cast<int>(meta.recipe));
  Json& score_weights = json.Set("blend", Json(Json::Object{}));
  for (const auto& [name, member] : kWeightMembers) score_weights.Set(name, meta.weights.*member);
  EventsToJson(meta.events, &json);
  ColumnsToJson(meta.item_columns, kItemColumns, &json);
  ColumnsToJson(meta.user_columns, kUserColumns, &json);
  json.Set("popularity_discount", meta.popularity_discount);
  json.Set("trend_slots", meta.trend_slots);
  json.Set("interactions", static_cast<int64_t>(meta.interactions));
  json.Set("users", static_cast<int64_t>(meta.users));
  json.Set("trained_at", meta.trained_at);
  return json;
}

bool ReadStrings(const Json* json, std::vector<std::string>* out) {
  if (json == nullptr || !json->is_array()) return false;
  for (const Json& s : json->array()) {
    if (!s.is_string()) return false;
    out->push_back(s.string());
  }
  return true;
}

bool ReadNumber(const Json& object, std::string_view name, double* out) {
  const Json* value = object.Find(name);
  if (value == nullptr || !value->is_number() || !std::isfinite(value->number())) return false;
  *out = value->number();
  return true;
}

bool ReadCount(const Json& object, std::string_view name, double max, int64_t* out) {
  double number = 0;
  if (!ReadNumber(object, name, &number) || number < 0 || number > max) return false;
  *out = static_cast<int64_t>(number);
  return true;
}

// Reads the numbers of a member that is an object by event type. Files of 0.1.0 lack "event_thresholds".
bool ReadByType(const Json& json, std::string_view name, bool required, EventSelection* events,
                std::optional<double> EventSelection::Type::*member) {
  const Json* object = json.Find(name);
  if (object == nullptr) return !required;
  if (!object->is_object()) return false;
  for (const auto& [type, value] : object->object()) {
    const auto found = std::ranges::find(events->types, type, &EventSelection::Type::name);
    double number = 0;
    if (found == events->types.end() || !ReadNumber(*object, type, &number)) return false;
    (*found).*member = number;
  }
  return true;
}

bool ReadEvents(const Json& json, EventSelection* events) {
  std::vector<std::string> types;
  if (!ReadStrings(json.Find("event_types"), &types)) return false;
  for (std::string& type : types) events->types.push_back({std::move(type), std::nullopt, std::nullopt});
  double threshold = 0;
  if (json.Find("event_value_threshold") != nullptr) {
    if (!ReadNumber(json, "event_value_threshold", &threshold)) return false;
    events->threshold = threshold;
  }
  return ReadByType(json, "event_weights", true, events, &EventSelection::Type::weight) &&
         ReadByType(json, "event_thresholds", false, events, &EventSelection::Type::threshold);
}

bool ReadColumns(const Json& json, const ColumnMembers& members, ColumnChoice* columns) {
  if (!ReadStrings(json.Find(members.excluded), &columns->excluded)) return false;
  if (json.Find(members.plain) != nullptr && !ReadStrings(json.Find(members.plain), &columns->plain))
    return false;
  if (json.Find(members.included) == nullptr) return true;
  return ReadStrings(json.Find(members.included), &columns->included.emplace());
}

bool ReadWeightsOf(const Json& json, ScoreWeights* weights) {
  const Json* object = json.Find("blend");
  if (object == nullptr) return false;
  return std::ranges::all_of(
      kWeightMembers, [&](const auto& m) { return ReadNumber(*object, m.first, &(weights->*m.second)); });
}

}  // namespace

std::string WriteModel(const ModelContent& content) {
  TRINE_CHECK_EQ(content.rules->starts.size(), content.items.size() + 1);
  TRINE_CHECK_EQ(content.rules->to.size(), content.rules->weights.size());
  TRINE_CHECK_EQ(content.rules->starts.back(), content.rules->to.size());
  SectionWriter writer(kKind);
  writer.Add(kMeta, format::ToString(MetaToJson(content.meta)));
  AddStrings(kIdOffsets, kIdBytes, content.items, &writer);
  writer.AddArray(kRuleStarts, content.rules->starts);
  writer.AddArray(kRuleTo, content.rules->to);
  writer.AddArray(kRuleWeights, content.rules->weights);
  writer.AddArray(kPeople, content.people);
  return writer.Finish();
}

Result<std::shared_ptr<const TrainedModel>> TrainedModel::Open(
    std::shared_ptr<const storage::FileBytes> file) {
  auto model = std::make_shared<TrainedModel>();
  TRINE_ASSIGN(model->file_, SectionFile::Open(std::move(file), kKind));
  TRINE_TRY(model->Read());
  return std::shared_ptr<const TrainedModel>(std::move(model));
}

Result<std::shared_ptr<const TrainedModel>> TrainedModel::Open(std::string_view bytes) {
  auto model = std::make_shared<TrainedModel>();
  TRINE_ASSIGN(model->file_, SectionFile::Open(bytes, kKind));
  TRINE_TRY(model->Read());
  return std::shared_ptr<const TrainedModel>(std::move(model));
}

Status TrainedModel::ReadMeta() {
  TRINE_ASSIGN(const std::string_view text, file_.Find(kMeta));
  auto json = format::ParseJson(text);
  if (!json.ok()) return SectionFile::Broken("the model description is not JSON");
  int64_t recipe = 0, interactions = 0, users = 0;
  const bool good =
      ReadCount(*json, "recipe", 1000, &recipe) && ReadWeightsOf(*json, &meta_.weights) &&
      ReadEvents(*json, &meta_.events) && ReadColumns(*json, kItemColumns, &meta_.item_columns) &&
      ReadColumns(*json, kUserColumns, &meta_.user_columns) &&
      ReadNumber(*json, "popularity_discount", &meta_.popularity_discount) &&
      ReadCount(*json, "trend_slots", 1000, &meta_.trend_slots) &&
      ReadCount(*json, "interactions", 9e15, &interactions) && ReadCount(*json, "users", 9e15, &users) &&
      ReadCount(*json, "trained_at", 9e15, &meta_.trained_at);
  const auto known = std::ranges::find_if(
      Recipes(), [&](const RecipeInfo& r) { return static_cast<int64_t>(r.recipe) == recipe; });
  if (!good || known == Recipes().end())
    return SectionFile::Broken("the model description lacks a member or has an invalid value");
  meta_.recipe = known->recipe;
  meta_.interactions = static_cast<uint64_t>(interactions);
  meta_.users = static_cast<uint64_t>(users);
  return Ok();
}

Status TrainedModel::CheckRules() const {
  if (rules_.size() != ids_->size() || people_.size() != ids_->size() || rules_.starts.front() != 0 ||
      rules_.starts.back() != rules_.to.size() || rules_.to.size() != rules_.weights.size()) {
    return SectionFile::Broken("rules, people and items differ in number");
  }
  for (size_t a = 0; a < rules_.size(); ++a) {
    if (rules_.starts[a] > rules_.starts[a + 1] || rules_.starts[a + 1] > rules_.to.size()) {
      return SectionFile::Broken("rule offsets are not ascending, or point past the last rule");
    }
    const auto to = rules_.To(static_cast<Item>(a));
    if (!std::ranges::is_sorted(to) || (!to.empty() && to.back() >= ids_->size())) {
      return SectionFile::Broken("a rule refers to an unknown item, or its row is not sorted");
    }
  }
  if (!std::ranges::all_of(rules_.weights, [](float w) { return std::isfinite(w); })) {
    return SectionFile::Broken("a rule weight is not a finite number");
  }
  return Ok();
}

Status TrainedModel::Read() {
  TRINE_TRY(ReadMeta());
  TRINE_ASSIGN(ids_, StringSections::Read(file_, kIdOffsets, kIdBytes));
  TRINE_ASSIGN(rules_.starts, file_.Array<uint64_t>(kRuleStarts));
  TRINE_ASSIGN(rules_.to, file_.Array<Item>(kRuleTo));
  TRINE_ASSIGN(rules_.weights, file_.Array<float>(kRuleWeights));
  TRINE_ASSIGN(people_, file_.Array<uint32_t>(kPeople));
  if (rules_.starts.empty()) return SectionFile::Broken("rule offsets are missing");
  TRINE_TRY(CheckRules());
  by_id_.reserve(ids_->size());
  for (Item i = 0; i < ids_->size(); ++i) by_id_.emplace((*ids_)[i], i);
  return Ok();
}

Item TrainedModel::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? kNone : found->second;
}

void ModelItems::Extend(const TrainedModel& model, const ItemTable& items) {
  TRINE_CHECK_LE(to_model_.size(), items.size());
  to_live_.resize(model.items(), kNone);
  for (auto live = static_cast<Item>(to_model_.size()); live < items.size(); ++live) {
    const Item of_model = model.Find(items.Id(live));
    to_model_.push_back(of_model);
    unknown_ += of_model == kNone ? 1 : 0;
    if (of_model != kNone) to_live_[of_model] = live;
  }
}

}  // namespace trine::recommend
