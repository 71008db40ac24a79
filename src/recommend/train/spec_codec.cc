#include "recommend/train/spec_codec.h"

#include <algorithm>

#include "format/json.h"
#include "format/text.h"

namespace trine::recommend {
namespace {

using format::Json;
constexpr int64_t kSpecVersion = 1;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Json PairsToJson(const Pairs& pairs) {
  Json array{Json::Array{}};
  for (const auto& [name, value] : pairs) {
    Json pair;
    pair.Push(name);
    pair.Push(value);
    array.Push(std::move(pair));
  }
  return array;
}

Error Broken() {
  return Error(ErrorCode::kCorrupt, "cannot decode a training specification or training metrics");
}

Result<Pairs> ReadPairs(const Json& json, std::string_view name) {
  Pairs pairs;
  const Json* array = json.Find(name);
  if (array == nullptr || !array->is_array()) return Broken();
  for (const Json& pair : array->array()) {
    if (!pair.is_array() || pair.array().size() != 2) return Broken();
    const Json &a = pair.array()[0], &b = pair.array()[1];
    if (!a.is_string() || !b.is_string()) return Broken();
    pairs.emplace_back(a.string(), b.string());
  }
  return pairs;
}

// Folders of earlier releases have no such member.
Result<DeclaredFields> ReadDeclared(const Json& json) {
  DeclaredFields declared;
  const Json* roles = json.Find("roles");
  if (roles == nullptr) return declared;
  if (!roles->is_array()) return Broken();
  for (const Json& pair : roles->array()) {
    if (!pair.is_array() || pair.array().size() != 2) return Broken();
    const Json &number = pair.array()[0], &path = pair.array()[1];
    const auto role = std::ranges::find_if(catalogue::kAllRoles, [&](catalogue::Role r) {
      return number.is_int() && number.integer() == static_cast<int64_t>(r);
    });
    if (role == catalogue::kAllRoles.end() || !path.is_string()) return Broken();
    declared.emplace_back(*role, path.string());
  }
  return declared;
}

Json OptionalNumber(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Result<std::optional<double>> ReadOptional(const Json& json, std::string_view name) {
  const Json* value = json.Find(name);
  if (value == nullptr || value->is_null()) return std::optional<double>();
  if (!value->is_number()) return Broken();
  return std::optional<double>(value->number());
}

Result<std::string> ReadText(const Json& json, std::string_view name) {
  const Json* value = json.Find(name);
  if (value == nullptr || !value->is_string()) return Broken();
  return value->string();
}

Result<double> ReadNumber(const Json& json, std::string_view name) {
  const Json* value = json.Find(name);
  if (value == nullptr || !value->is_number()) return Broken();
  return value->number();
}

Status ReadWeights(const Json& json, TrainingSpec* spec) {
  const Json* weights = json.Find("event_weights");
  if (weights == nullptr || !weights->is_array()) return Broken();
  for (const Json& entry : weights->array()) {
    TrainingSpec::EventWeight weight;
    TRINE_ASSIGN(weight.type, ReadText(entry, "type"));
    TRINE_ASSIGN(weight.threshold, ReadOptional(entry, "threshold"));
    TRINE_ASSIGN(weight.weight, ReadOptional(entry, "weight"));
    spec->event_weights.push_back(std::move(weight));
  }
  return Ok();
}

}  // namespace

std::string WriteSpec(const SnapshotSpec& spec) {
  const TrainingSpec& t = spec.training;
  Json json;
  json.Set("version", kSpecVersion);
  json.Set("recipe", static_cast<int>(t.recipe));
  json.Set("hyper_parameters", PairsToJson(t.hyper_parameters));
  json.Set("event_type", t.event_type);
  json.Set("event_value_threshold", OptionalNumber(t.event_value_threshold));
  Json& weights = json.Set("event_weights", Json(Json::Array{}));
  for (const auto& w : t.event_weights) {
    Json entry;
    entry.Set("type", w.type);
    entry.Set("threshold", OptionalNumber(w.threshold));
    entry.Set("weight", OptionalNumber(w.weight));
    weights.Push(std::move(entry));
  }
  json.Set("excluded_columns", PairsToJson(t.excluded_columns));
  json.Set("plain_columns", PairsToJson(t.plain_columns));
  json.Set("included_columns", PairsToJson(t.included_columns));
  Json& datasets = json.Set("included_datasets", Json(Json::Array{}));
  for (const std::string& dataset : t.included_datasets) datasets.Push(dataset);
  json.Set("update", t.update);
  json.Set("seed", t.seed);
  json.Set("item_id_field", spec.binding.item_id_field);
  json.Set("fields", PairsToJson(spec.binding.fields));
  Json& roles = json.Set("roles", Json(Json::Array{}));
  for (const auto& [role, path] : spec.declared) {
    Json pair;
    pair.Push(static_cast<int>(role));
    pair.Push(path);
    roles.Push(std::move(pair));
  }
  json.Set("now", spec.now.value);
  return format::ToString(json);
}

Result<SnapshotSpec> ReadSpec(std::string_view text) {
  auto json = format::ParseJson(text);
  if (!json.ok()) return Broken();
  SnapshotSpec spec;
  TrainingSpec& t = spec.training;
  TRINE_ASSIGN(const double version, ReadNumber(*json, "version"));
  TRINE_ASSIGN(const double recipe, ReadNumber(*json, "recipe"));
  const auto known = std::ranges::find_if(
      Recipes(), [&](const RecipeInfo& r) { return static_cast<int>(r.recipe) == recipe; });
  if (version != kSpecVersion) {
    return Error(ErrorCode::kFormatVersion, "unknown format version of a training specification")
        .Expected(std::to_string(kSpecVersion))
        .Got(format::ShortestDouble(version));
  }
  if (known == Recipes().end()) return Broken();
  t.recipe = known->recipe;
  TRINE_ASSIGN(t.hyper_parameters, ReadPairs(*json, "hyper_parameters"));
  TRINE_ASSIGN(t.event_type, ReadText(*json, "event_type"));
  TRINE_ASSIGN(t.event_value_threshold, ReadOptional(*json, "event_value_threshold"));
  TRINE_TRY(ReadWeights(*json, &t));
  TRINE_ASSIGN(t.excluded_columns, ReadPairs(*json, "excluded_columns"));
  TRINE_ASSIGN(t.plain_columns, ReadPairs(*json, "plain_columns"));
  TRINE_ASSIGN(t.included_columns, ReadPairs(*json, "included_columns"));
  const Json* datasets = json->Find("included_datasets");
  if (datasets == nullptr || !datasets->is_array()) return Broken();
  for (const Json& dataset : datasets->array()) {
    if (!dataset.is_string()) return Broken();
    t.included_datasets.push_back(dataset.string());
  }
  const Json* update = json->Find("update");
  t.update = update != nullptr && update->is_bool() && update->boolean();
  TRINE_ASSIGN(const double seed, ReadNumber(*json, "seed"));
  t.seed = static_cast<uint64_t>(std::clamp(seed, 0.0, 1.8e19));
  TRINE_ASSIGN(spec.binding.item_id_field, ReadText(*json, "item_id_field"));
  TRINE_ASSIGN(spec.binding.fields, ReadPairs(*json, "fields"));
  TRINE_ASSIGN(spec.declared, ReadDeclared(*json));
  TRINE_ASSIGN(const double now, ReadNumber(*json, "now"));
  spec.now = Millis{static_cast<int64_t>(std::clamp(now, -9e15, 9e15))};
  return spec;
}

std::string WriteMetrics(const TrainingMetrics& metrics) {
  Json json;
  Json& values = json.Set("values", Json(Json::Object{}));
  for (const auto& [name, value] : metrics.values) values.Set(name, value);
  json.Set("interactions", metrics.interactions);
  json.Set("users", metrics.users);
  json.Set("items", metrics.items);
  json.Set("seconds", metrics.seconds);
  return format::ToString(json);
}

Result<TrainingMetrics> ReadMetrics(std::string_view text) {
  auto json = format::ParseJson(text);
  if (!json.ok()) return Broken();
  TrainingMetrics metrics;
  const Json* values = json->Find("values");
  if (values == nullptr || !values->is_object()) return Broken();
  for (const auto& [name, value] : values->object()) {
    if (!value.is_number()) return Broken();
    metrics.values.emplace_back(name, value.number());
  }
  const auto count = [&](std::string_view name, uint64_t* out) -> Status {
    TRINE_ASSIGN(const double number, ReadNumber(*json, name));
    if (number < 0 || number > 9e15) return Broken();
    *out = static_cast<uint64_t>(number);
    return Ok();
  };
  TRINE_TRY(count("interactions", &metrics.interactions));
  TRINE_TRY(count("users", &metrics.users));
  TRINE_TRY(count("items", &metrics.items));
  TRINE_ASSIGN(metrics.seconds, ReadNumber(*json, "seconds"));
  return metrics;
}

}  // namespace trine::recommend
