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

Json MetaToJson(const ModelMeta& meta) {
  Json json;
  json.Set("recipe", static_cast<int>(meta.recipe));
  Json& score_weights = json.Set("blend", Json(Json::Object{}));
  for (const auto& [name, member] : kWeightMembers) score_weights.Set(name, meta.weights.*member);
  Json& event_weights = json.Set("event_weights", Json(Json::Object{}));
  for (const auto& [type, weight] : meta.event_weights) event_weights.Set(type, weight);
  json.Set("event_types", StringsToJson(meta.event_types));
  json.Set("excluded_columns", StringsToJson(meta.excluded_columns));
  json.Set("excluded_user_columns", StringsToJson(meta.excluded_user_columns));
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
  const Json* weights = json->Find("event_weights");
  const bool good =
      ReadCount(*json, "recipe", 1000, &recipe) && ReadWeightsOf(*json, &meta_.weights) &&
      ReadStrings(json->Find("event_types"), &meta_.event_types) &&
      ReadStrings(json->Find("excluded_columns"), &meta_.excluded_columns) &&
      ReadStrings(json->Find("excluded_user_columns"), &meta_.excluded_user_columns) &&
      ReadNumber(*json, "popularity_discount", &meta_.popularity_discount) &&
      ReadCount(*json, "trend_slots", 1000, &meta_.trend_slots) &&
      ReadCount(*json, "interactions", 9e15, &interactions) && ReadCount(*json, "users", 9e15, &users) &&
      ReadCount(*json, "trained_at", 9e15, &meta_.trained_at) && weights != nullptr && weights->is_object();
  const auto known = std::ranges::find_if(
      Recipes(), [&](const RecipeInfo& r) { return static_cast<int64_t>(r.recipe) == recipe; });
  if (!good || known == Recipes().end())
    return SectionFile::Broken("the model description lacks a member or has an invalid value");
  meta_.recipe = known->recipe;
  meta_.interactions = static_cast<uint64_t>(interactions);
  meta_.users = static_cast<uint64_t>(users);
  for (const auto& [type, weight] : weights->object()) {
    double number = 0;
    if (!ReadNumber(*weights, type, &number)) return SectionFile::Broken("an event weight is not a number");
    meta_.event_weights.emplace_back(type, number);
  }
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
