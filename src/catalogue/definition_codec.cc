#include "catalogue/definition_codec.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"
#include "format/text.h"
#include "storage/format_version.h"

namespace trine::catalogue {
namespace {

using format::Json;

constexpr int64_t kVersion = 1;
// The maximum nesting depth of the stored JSON. Fields may nest as deep as documents, and each level of
// fields takes two levels of JSON, an object in an array. The rest of the definition adds a few levels.
constexpr size_t kMaxDepth = 8 * limits::kMaxDocumentDepth;

// Reads the members of one object. The first member that is missing or has the wrong type makes ok() false;
// error() names that member.
class ObjectReader {
 public:
  explicit ObjectReader(const Json& json, std::string what) : json_(json), what_(std::move(what)) {
    if (!json.is_object()) Fail("");
  }
  bool ok() const { return trouble_.empty(); }
  Error error() const {
    return Error(ErrorCode::kCorrupt,
                 "a stored definition is damaged: a member is missing or has an unexpected value")
        .Where(trouble_);
  }
  bool Has(std::string_view key) const { return json_.Find(key) != nullptr; }
  const Json& Any(std::string_view key) {
    static const Json kNull;
    const Json* value = json_.Find(key);
    if (value == nullptr) Fail(key);
    return value == nullptr ? kNull : *value;
  }
  std::string Text(std::string_view key) {
    const Json& value = Any(key);
    return value.is_string() ? value.string() : (Fail(key), std::string());
  }
  bool Flag(std::string_view key) {
    const Json& value = Any(key);
    return value.is_bool() ? value.boolean() : (Fail(key), false);
  }
  int64_t Whole(std::string_view key, int64_t low, int64_t high) {
    const Json& value = Any(key);
    if (!value.is_int() || value.integer() < low || value.integer() > high) return Fail(key), low;
    return value.integer();
  }
  double Number(std::string_view key) {
    const Json& value = Any(key);
    return value.is_number() ? value.number() : (Fail(key), 0);
  }
  const Json::Array& List(std::string_view key) {
    static const Json::Array kNone;
    const Json& value = Any(key);
    return value.is_array() ? value.array() : (Fail(key), kNone);
  }
  const Json::Object& Object(std::string_view key) {
    static const Json::Object kNone;
    const Json& value = Any(key);
    return value.is_object() ? value.object() : (Fail(key), kNone);
  }
  std::vector<std::string> Texts(std::string_view key) {
    std::vector<std::string> texts;
    for (const Json& value : List(key)) {
      if (!value.is_string()) return Fail(key), texts;
      texts.push_back(value.string());
    }
    return texts;
  }
  void Fail(std::string_view key) {
    if (trouble_.empty()) trouble_ = what_ + "." + std::string(key);
  }

 private:
  const Json& json_;
  const std::string what_;
  std::string trouble_;
};

Json TextsJson(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return Json(std::move(array));
}

// An array of pairs, because the order matters and a name may be repeated.
Json PairsJson(const std::vector<std::pair<std::string, Json>>& given) {
  Json::Array array;
  for (const auto& [name, value] : given) array.push_back(Json(Json::Array{Json(name), value}));
  return Json(std::move(array));
}

Json FieldsJson(const std::vector<Field>& fields);

// Omits members with default values, because most fields have only a name and a type.
Json FieldJson(const Field& field) {
  static const Field kDefault;
  Json json(Json::Object{});
  json.Set("name", field.name);
  json.Set("type", static_cast<int>(field.type));
  const auto set = [&json](const char* key, const auto& value, const auto& ordinary) {
    if (!(value == ordinary)) json.Set(key, Json(value));
  };
  set("index", field.index, kDefault.index);
  set("doc_values", field.doc_values, kDefault.doc_values);
  set("norms", field.norms, kDefault.norms);
  set("enabled", field.enabled, kDefault.enabled);
  set("analyzer", field.analyzer, kDefault.analyzer);
  set("search_analyzer", field.search_analyzer, kDefault.search_analyzer);
  set("normalizer", field.normalizer, kDefault.normalizer);
  set("ignore_above", field.ignore_above, kDefault.ignore_above);
  set("scaling_factor", field.scaling_factor, kDefault.scaling_factor);
  set("format", field.format, kDefault.format);
  set("null_value", field.null_value, kDefault.null_value);
  if (!field.copy_to.empty()) json.Set("copy_to", TextsJson(field.copy_to));
  if (field.dynamic) json.Set("dynamic", static_cast<int>(*field.dynamic));
  if (field.dimension != 0) json.Set("dimension", static_cast<int64_t>(field.dimension));
  if (field.space != kDefault.space) json.Set("space", static_cast<int>(field.space));
  set("vector_method", field.vector_method, kDefault.vector_method);
  if (!field.properties.empty()) json.Set("properties", FieldsJson(field.properties));
  if (!field.fields.empty()) json.Set("fields", FieldsJson(field.fields));
  if (!field.client_parameters.empty()) json.Set("given", PairsJson(field.client_parameters));
  return json;
}

Json FieldsJson(const std::vector<Field>& fields) {
  Json::Array array;
  for (const Field& field : fields) array.push_back(FieldJson(field));
  return Json(std::move(array));
}

Json MappingJson(const Mapping& mapping) {
  Json json(Json::Object{});
  json.Set("dynamic", static_cast<int>(mapping.dynamic));
  json.Set("date_detection", mapping.date_detection);
  json.Set("meta", mapping.meta);
  json.Set("properties", FieldsJson(mapping.properties));
  return json;
}

Result<std::vector<Field>> ReadFields(const Json::Array& array);

Result<Field> ReadField(const Json& json) {
  ObjectReader in(json, "field");
  Field field;
  field.name = in.Text("name");
  field.type = static_cast<FieldType>(in.Whole("type", 1, 15));
  if (in.Has("index")) field.index = in.Flag("index");
  if (in.Has("doc_values")) field.doc_values = in.Flag("doc_values");
  if (in.Has("norms")) field.norms = in.Flag("norms");
  if (in.Has("enabled")) field.enabled = in.Flag("enabled");
  if (in.Has("analyzer")) field.analyzer = in.Text("analyzer");
  if (in.Has("search_analyzer")) field.search_analyzer = in.Text("search_analyzer");
  if (in.Has("normalizer")) field.normalizer = in.Text("normalizer");
  if (in.Has("ignore_above")) field.ignore_above = in.Whole("ignore_above", INT64_MIN, INT64_MAX);
  if (in.Has("scaling_factor")) field.scaling_factor = in.Number("scaling_factor");
  if (in.Has("format")) field.format = in.Text("format");
  if (in.Has("null_value")) field.null_value = in.Any("null_value");
  if (in.Has("copy_to")) field.copy_to = in.Texts("copy_to");
  if (in.Has("dynamic")) field.dynamic = static_cast<Dynamic>(in.Whole("dynamic", 1, 3));
  if (in.Has("dimension")) {
    field.dimension = static_cast<uint32_t>(in.Whole("dimension", 0, limits::kMaxVectorDimension));
  }
  if (in.Has("space")) field.space = static_cast<VectorSpace>(in.Whole("space", 1, 5));
  if (in.Has("vector_method")) field.vector_method = in.Any("vector_method");
  if (in.Has("given")) {
    for (const Json& pair : in.List("given")) {
      if (!pair.is_array() || pair.array().size() != 2 || !pair.array()[0].is_string()) {
        in.Fail("given");
        break;
      }
      field.client_parameters.emplace_back(pair.array()[0].string(), pair.array()[1]);
    }
  }
  if (in.Has("properties")) {
    TRINE_ASSIGN(field.properties, ReadFields(in.List("properties")));
  }
  if (in.Has("fields")) {
    TRINE_ASSIGN(field.fields, ReadFields(in.List("fields")));
  }
  if (!in.ok()) return in.error();
  return field;
}

Result<std::vector<Field>> ReadFields(const Json::Array& array) {
  std::vector<Field> fields;
  for (const Json& json : array) {
    TRINE_ASSIGN(Field field, ReadField(json));
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<Mapping> ReadMapping(const Json& json) {
  ObjectReader in(json, "mapping");
  Mapping mapping;
  mapping.dynamic = static_cast<Dynamic>(in.Whole("dynamic", 1, 3));
  mapping.date_detection = in.Flag("date_detection");
  mapping.meta = in.Any("meta");
  TRINE_ASSIGN(mapping.properties, ReadFields(in.List("properties")));
  if (!in.ok()) return in.error();
  return mapping;
}

Json ChainsJson(const std::map<std::string, analysis::AnalyzerSpec>& chains) {
  Json json(Json::Object{});
  for (const auto& [name, spec] : chains) {
    Json one(Json::Object{});
    one.Set("tokenizer", spec.tokenizer);
    one.Set("filters", TextsJson(spec.filters));
    one.Set("char_filters", TextsJson(spec.char_filters));
    json.Set(name, std::move(one));
  }
  return json;
}

Json ComponentsJson(const std::map<std::string, analysis::ComponentSpec>& components) {
  Json json(Json::Object{});
  for (const auto& [name, spec] : components) {
    Json options(Json::Object{});
    for (const auto& [key, value] : spec.options) options.Set(key, value);
    Json one(Json::Object{});
    one.Set("type", spec.type);
    one.Set("options", std::move(options));
    json.Set(name, std::move(one));
  }
  return json;
}

Result<std::map<std::string, analysis::AnalyzerSpec>> ReadChains(const Json::Object& object) {
  std::map<std::string, analysis::AnalyzerSpec> chains;
  for (const auto& [name, json] : object) {
    ObjectReader in(json, "analyzer");
    chains[name] = {in.Text("tokenizer"), in.Texts("filters"), in.Texts("char_filters")};
    if (!in.ok()) return in.error();
  }
  return chains;
}

Result<std::map<std::string, analysis::ComponentSpec>> ReadComponents(const Json::Object& object) {
  std::map<std::string, analysis::ComponentSpec> components;
  for (const auto& [name, json] : object) {
    ObjectReader in(json, "component");
    analysis::ComponentSpec spec;
    spec.type = in.Text("type");
    for (const auto& [key, value] : in.Object("options")) {
      if (!value.is_string()) {
        in.Fail(key);
        break;
      }
      spec.options[key] = value.string();
    }
    if (!in.ok()) return in.error();
    components[name] = std::move(spec);
  }
  return components;
}

Json SettingsJson(const CollectionSettings& settings) {
  Json json(Json::Object{});
  json.Set("refresh_interval_ms", settings.refresh_interval_ms);
  json.Set("max_result_window", static_cast<uint64_t>(settings.max_result_window));
  json.Set("fusion_window", static_cast<uint64_t>(settings.fusion_window));
  json.Set("default_search_pipeline", settings.default_search_pipeline);
  json.Set("default_analyzer", settings.default_analyzer);
  Json analysis(Json::Object{});
  analysis.Set("analyzers", ChainsJson(settings.analysis.analyzers));
  analysis.Set("normalizers", ChainsJson(settings.analysis.normalizers));
  analysis.Set("configured", ComponentsJson(settings.analysis.configured));
  analysis.Set("tokenizers", ComponentsJson(settings.analysis.tokenizers));
  analysis.Set("filters", ComponentsJson(settings.analysis.filters));
  analysis.Set("char_filters", ComponentsJson(settings.analysis.char_filters));
  json.Set("analysis", std::move(analysis));
  json.Set("given", settings.client_settings);
  return json;
}

Result<CollectionSettings> ReadSettings(const Json& json) {
  ObjectReader in(json, "settings");
  CollectionSettings settings;
  settings.refresh_interval_ms = in.Whole("refresh_interval_ms", INT64_MIN, INT64_MAX);
  settings.max_result_window = static_cast<size_t>(in.Whole("max_result_window", 0, INT64_MAX));
  settings.fusion_window = static_cast<size_t>(in.Whole("fusion_window", 0, INT64_MAX));
  settings.default_search_pipeline = in.Text("default_search_pipeline");
  settings.default_analyzer = in.Text("default_analyzer");
  settings.client_settings = in.Any("given");
  ObjectReader analysis(in.Any("analysis"), "settings.analysis");
  TRINE_ASSIGN(settings.analysis.analyzers, ReadChains(analysis.Object("analyzers")));
  TRINE_ASSIGN(settings.analysis.normalizers, ReadChains(analysis.Object("normalizers")));
  TRINE_ASSIGN(settings.analysis.configured, ReadComponents(analysis.Object("configured")));
  TRINE_ASSIGN(settings.analysis.tokenizers, ReadComponents(analysis.Object("tokenizers")));
  TRINE_ASSIGN(settings.analysis.filters, ReadComponents(analysis.Object("filters")));
  TRINE_ASSIGN(settings.analysis.char_filters, ReadComponents(analysis.Object("char_filters")));
  if (!in.ok()) return in.error();
  if (!analysis.ok()) return analysis.error();
  return settings;
}

Result<Json> Parse(std::string_view text) {
  auto json = format::ParseJson(text, {.max_depth = kMaxDepth, .max_bytes = limits::kMaxBodyBytes});
  if (json.ok()) return json;
  return Error(ErrorCode::kCorrupt, "a stored definition is not valid JSON: " + json.error().ToString());
}

// Returns an error only for another positive version number. Anything that is not a positive number is
// accepted here, because ObjectReader then reports it as damage.
Status CheckVersion(const Json& json, std::string_view what) {
  const Json* version = json.Find("version");
  if (version == nullptr || !version->is_int() || version->integer() < 1 || version->integer() == kVersion) {
    return Ok();
  }
  return storage::UnsupportedFormatVersion(what, static_cast<uint64_t>(version->integer()), kVersion);
}

}  // namespace

std::string EncodeMapping(const Mapping& mapping) { return format::ToString(MappingJson(mapping)); }

std::string EncodeCollection(const Collection& collection) {
  Json json(Json::Object{});
  json.Set("version", kVersion);
  json.Set("id", static_cast<int64_t>(collection.id.value));
  json.Set("name", collection.name);
  json.Set("uuid", collection.uuid);
  json.Set("created", collection.created.value);
  json.Set("hidden", collection.hidden);
  json.Set("settings", SettingsJson(collection.settings));
  json.Set("mapping", MappingJson(collection.mapping));
  Json::Array aliases;
  for (const Alias& alias : collection.aliases) {
    Json one(Json::Object{});
    one.Set("name", alias.name);
    one.Set("filter", alias.filter);
    one.Set("is_write", alias.is_write);
    if (alias.no_writes) one.Set("no_writes", true);
    aliases.push_back(std::move(one));
  }
  json.Set("aliases", Json(std::move(aliases)));
  return format::ToString(json);
}

Result<Collection> DecodeCollection(std::string_view text) {
  TRINE_ASSIGN(const Json json, Parse(text));
  TRINE_TRY(CheckVersion(json, "the definition of a collection"));
  ObjectReader in(json, "collection");
  in.Whole("version", kVersion, kVersion);
  Collection collection;
  collection.id = CollectionId{static_cast<uint32_t>(in.Whole("id", 1, UINT32_MAX))};
  collection.name = in.Text("name");
  collection.uuid = in.Text("uuid");
  collection.created = Millis{in.Whole("created", INT64_MIN, INT64_MAX)};
  collection.hidden = in.Flag("hidden");
  for (const Json& one : in.List("aliases")) {
    ObjectReader alias(one, "alias");
    const bool no_writes = alias.Has("no_writes") && alias.Flag("no_writes");
    collection.aliases.push_back(
        {alias.Text("name"), alias.Any("filter"), alias.Flag("is_write"), no_writes});
    if (!alias.ok()) return alias.error();
  }
  const Json& settings = in.Any("settings");
  const Json& mapping = in.Any("mapping");
  if (!in.ok()) return in.error();
  TRINE_ASSIGN(collection.settings, ReadSettings(settings));
  TRINE_ASSIGN(collection.mapping, ReadMapping(mapping));
  return collection;
}

std::string EncodeBinding(const Binding& binding) {
  Json json(Json::Object{});
  json.Set("version", kVersion);
  json.Set("collection", binding.collection);
  json.Set("group", static_cast<int64_t>(binding.group.value));
  json.Set("item_id_field", binding.item_id_field);
  std::vector<std::pair<std::string, Json>> fields;
  for (const auto& [attribute, path] : binding.fields) fields.emplace_back(attribute, Json(path));
  json.Set("fields", PairsJson(fields));
  return format::ToString(json);
}

Result<Binding> DecodeBinding(std::string_view text) {
  TRINE_ASSIGN(const Json json, Parse(text));
  TRINE_TRY(CheckVersion(json, "the definition of a binding"));
  ObjectReader in(json, "binding");
  in.Whole("version", kVersion, kVersion);
  Binding binding;
  binding.collection = in.Text("collection");
  binding.group = GroupId{static_cast<uint32_t>(in.Whole("group", 0, UINT32_MAX))};
  binding.item_id_field = in.Text("item_id_field");
  for (const Json& pair : in.List("fields")) {
    if (!pair.is_array() || pair.array().size() != 2 || !pair.array()[0].is_string() ||
        !pair.array()[1].is_string()) {
      in.Fail("fields");
      break;
    }
    binding.fields.emplace_back(pair.array()[0].string(), pair.array()[1].string());
  }
  if (!in.ok()) return in.error();
  return binding;
}

std::string MakeUuid(const Collection& c) {
  const std::string seed =
      c.name + '\0' + std::to_string(c.id.value) + '\0' + std::to_string(c.created.value);
  std::string bytes;
  for (uint64_t half = 0; half < 2; ++half) {
    const uint64_t hash = Hash64(seed, half);
    bytes.append(reinterpret_cast<const char*>(&hash), sizeof(hash));
  }
  std::string text = format::Base64(bytes).substr(0, 22);
  TRINE_CHECK_EQ(text.size(), 22u);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace trine::catalogue
