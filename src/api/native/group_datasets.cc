#include "api/native/group_datasets.h"

#include <algorithm>

#include "base/text.h"

namespace trine::api::native {
namespace {

using format::Json;
using history::DatasetType;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

constexpr size_t kMaxInferred = 90;  // most columns of an inferred schema; Personalize allows 100

Json Column(const std::string& name, const char* type, bool nullable, bool categorical) {
  Json column = Json::Object{};
  column.Set("name", name);
  column.Set("type", nullable ? Json(Json::Array{Json("null"), Json(type)}) : Json(type));
  if (categorical) column.Set("categorical", true);
  return column;
}

Json RequiredColumns(DatasetType type) {
  switch (type) {
    case DatasetType::kInteractions:
      return Json::Array{Column("USER_ID", "string", false, false), Column("ITEM_ID", "string", false, false),
                         Column("TIMESTAMP", "long", false, false),
                         Column("EVENT_TYPE", "string", false, false),
                         Column("EVENT_VALUE", "double", true, false)};
    case DatasetType::kItems:
      return Json::Array{Column("ITEM_ID", "string", false, false)};
    case DatasetType::kUsers:
      return Json::Array{Column("USER_ID", "string", false, false)};
  }
  return Json::Array{};
}

bool IsColumnName(const std::string& name) {
  return !name.empty() && name.size() <= 63 && (name[0] < '0' || name[0] > '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

// Returns the schema column for values of this type; null if no column can hold them.
Json ColumnFor(const std::string& name, const Json& value, DatasetType type) {
  if (name == "CREATION_TIMESTAMP" && type == DatasetType::kItems) return Column(name, "long", true, false);
  if (value.is_bool()) return Column(name, "boolean", true, false);
  if (value.is_number()) return Column(name, "double", true, false);
  if (value.is_string() || value.is_array()) return Column(name, "string", true, true);
  return Json();
}

// Adds a column for each attribute in `rows` that has no column. Returns whether any column was added.
bool AddColumns(DatasetType type, const std::vector<const Json*>& rows, Json* fields) {
  bool added = false;
  for (const Json* row : rows) {
    if (row == nullptr || !row->is_object()) continue;
    for (const auto& [given, value] : row->object()) {
      const std::string name = ToUpperAscii(given);
      if (fields->array().size() >= kMaxInferred || !IsColumnName(name)) continue;
      const bool known = std::ranges::any_of(
          fields->array(), [&](const Json& field) { return field.Find("name")->string() == name; });
      if (known) continue;
      Json column = ColumnFor(name, value, type);
      if (column.is_null()) continue;
      fields->Push(std::move(column));
      added = true;
    }
  }
  return added;
}

std::string TextOf(const Json& spec, std::string_view member) {
  const Json* value = spec.Find(member);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

bool IsSet(const Json& spec, std::string_view member) {
  const Json* value = spec.Find(member);
  return value != nullptr && value->is_bool() && value->boolean();
}

// Returns the schema's text; empty if the schema is not valid for a dataset of this type.
std::string SchemaText(DatasetType type, const Json& fields) {
  std::string record(history::Name(type));
  TRINE_CHECK(!record.empty());
  record[0] = ToUpperAscii(record[0]);
  Json schema = Json::Object{};
  schema.Set("type", "record");
  schema.Set("name", record);
  schema.Set("namespace", "com.amazonaws.personalize.schema");
  schema.Set("fields", fields);
  schema.Set("version", "1.0");
  std::string text = format::ToString(schema);
  const auto parsed = history::ParseSchema(text);
  if (!parsed.ok() || !history::CheckSchema(*parsed, type, false).ok()) return {};
  return text;
}

// Creates a resource unless another request created it meanwhile.
Status CreateOnce(recommend::ResourceStore& resources, Resource resource) {
  const auto made = resources.Create(std::move(resource));
  return made.ok() || made.error().kind() == ErrorKind::kExists ? Ok() : Status(made.error());
}

}  // namespace

Status EnsureDataset(recommend::ResourceStore& resources, const Resource& group, DatasetType type,
                     const std::vector<const Json*>& rows) {
  TRINE_CHECK_EQ(group.kind, ResourceKind::kDatasetGroup);
  if (!IsSet(group.spec, "by_import")) return Ok();
  const std::string name = group.path + "-" + std::string(history::Name(type));
  const auto dataset =
      resources.Get(ResourceKind::kDataset, group.path + "/" + ToUpperAscii(history::Name(type)));
  if (dataset && !IsSet(dataset->spec, "inferred")) return Ok();
  const auto schema = resources.Get(ResourceKind::kSchema, name);
  Json fields = RequiredColumns(type);
  if (schema) {
    const auto before = format::ParseJson(TextOf(schema->spec, "text"));
    if (before.ok() && before->Find("fields") != nullptr && before->Find("fields")->is_array())
      fields = *before->Find("fields");
  }
  if (!AddColumns(type, rows, &fields) && dataset) return Ok();
  const std::string text = SchemaText(type, fields);
  if (text.empty()) return Ok();
  if (schema) {
    TRINE_TRY(resources.Update(ResourceKind::kSchema, name, [&](Resource& now) {
      now.spec.Set("text", text);
      return Ok();
    }));
  } else {
    Resource made;
    made.kind = ResourceKind::kSchema;
    made.path = made.name = name;
    made.state = ResourceState::kActive;
    made.spec.Set("text", text);
    TRINE_TRY(CreateOnce(resources, std::move(made)));
  }
  if (dataset) return Ok();
  Resource made;
  made.kind = ResourceKind::kDataset;
  made.path = group.path + "/" + ToUpperAscii(history::Name(type));
  made.name = name;
  made.parent = group.path;
  made.group = group.group;
  made.state = ResourceState::kActive;
  made.spec.Set("type", history::Name(type));
  made.spec.Set("schema", name);
  made.spec.Set("inferred", true);
  return CreateOnce(resources, std::move(made));
}

}  // namespace trine::api::native
