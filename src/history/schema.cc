#include "history/schema.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::history {
namespace {

constexpr size_t kMaxSchemaBytes = 20'000;  // Personalize's limit for the schema text
constexpr size_t kMaxColumns = 200;         // twice what Personalize allows per dataset

Error InvalidSchema(std::string message, std::string where) {
  return Error(ErrorCode::kSchemaSyntax, std::move(message)).Where(std::move(where));
}

std::optional<ColumnType> TypeNamed(std::string_view name) {
  for (const auto type : {ColumnType::kString, ColumnType::kInt, ColumnType::kLong, ColumnType::kFloat,
                          ColumnType::kDouble, ColumnType::kBoolean}) {
    if (Name(type) == name) return type;
  }
  return std::nullopt;
}

// Parses the value of a field's "type": the name of a scalar type, {"type": name}, or an array (a union) of
// one scalar type and "null".
Status ParseType(const format::Json& json, Column* column) {
  const auto one = [&](const format::Json& part) -> std::optional<std::string> {
    if (part.is_string()) return part.string();
    const format::Json* inner = part.Find("type");
    if (inner != nullptr && inner->is_string()) return inner->string();
    return std::nullopt;
  };
  std::vector<format::Json> parts;
  if (json.is_array()) {
    parts = json.array();
  } else {
    parts.push_back(json);
  }
  std::optional<ColumnType> type;
  for (const format::Json& part : parts) {
    const auto name = one(part);
    if (name == "null") {
      column->nullable = true;
      continue;
    }
    const auto known = name ? TypeNamed(*name) : std::nullopt;
    if (!known || type) {
      return InvalidSchema("the field's type must be a scalar, or a union of one scalar and null",
                           column->name)
          .Expected("string, int, long, float, double or boolean")
          .Got(name.value_or(format::ToString(part)));
    }
    type = known;
  }
  if (!type) return InvalidSchema("the field's type admits only null", column->name);
  column->type = *type;
  return Ok();
}

Result<bool> ParseFlag(const format::Json& field, std::string_view name, const Column& column) {
  const format::Json* flag = field.Find(name);
  if (flag == nullptr) return false;
  if (!flag->is_bool()) {
    return InvalidSchema("'" + std::string(name) + "' must be true or false", column.name)
        .Got(std::string(flag->type_name()));
  }
  return flag->boolean();
}

Result<Column> ParseColumn(const format::Json& field, size_t position) {
  const format::Json* name = field.Find("name");
  if (name == nullptr || !name->is_string() || name->string().empty()) {
    return InvalidSchema("the field has no name", "fields[" + std::to_string(position) + "]");
  }
  Column column;
  column.name = name->string();
  const bool plain = std::ranges::all_of(column.name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain || (column.name.front() >= '0' && column.name.front() <= '9')) {
    return InvalidSchema(
        "a field's name must consist of letters, digits and '_' and must not begin with a digit",
        column.name);
  }
  const format::Json* type = field.Find("type");
  if (type == nullptr) return InvalidSchema("the field has no type", column.name);
  TRINE_TRY(ParseType(*type, &column));
  TRINE_ASSIGN(column.categorical, ParseFlag(field, "categorical", column));
  TRINE_ASSIGN(column.textual, ParseFlag(field, "textual", column));
  if ((column.categorical || column.textual) && column.type != ColumnType::kString) {
    return InvalidSchema("only a string field can be categorical or textual", column.name);
  }
  if (column.categorical && column.textual) {
    return InvalidSchema("a field cannot be both categorical and textual", column.name);
  }
  return column;
}

struct RequiredColumn {
  std::string_view name;
  std::vector<ColumnType> types;
  bool categorical = false;
};

std::vector<RequiredColumn> RequiredColumns(DatasetType type, bool ecommerce) {
  switch (type) {
    case DatasetType::kInteractions: {
      std::vector<RequiredColumn> columns = {{"USER_ID", {ColumnType::kString}},
                                             {"ITEM_ID", {ColumnType::kString}},
                                             {"TIMESTAMP", {ColumnType::kLong}}};
      if (ecommerce) columns.push_back({"EVENT_TYPE", {ColumnType::kString}});
      return columns;
    }
    case DatasetType::kItems: {
      std::vector<RequiredColumn> columns = {{"ITEM_ID", {ColumnType::kString}}};
      if (ecommerce) {
        columns.push_back({"PRICE", {ColumnType::kFloat}});
        columns.push_back({"CATEGORY_L1", {ColumnType::kString}, true});
      }
      return columns;
    }
    case DatasetType::kUsers:
      return {{"USER_ID", {ColumnType::kString}}};
  }
  return {};
}

// Columns with a fixed meaning. They do not count as metadata, except CREATION_TIMESTAMP (CheckMetadata).
bool IsReserved(DatasetType type, std::string_view name) {
  static constexpr std::string_view kInteractions[] = {
      "USER_ID",     "ITEM_ID",    "TIMESTAMP",         "EVENT_TYPE",
      "EVENT_VALUE", "IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"};
  static constexpr std::string_view kItems[] = {"ITEM_ID", "CREATION_TIMESTAMP"};
  static constexpr std::string_view kUsers[] = {"USER_ID"};
  const auto among = [&](const auto& names) {
    return std::ranges::any_of(names, [&](std::string_view n) { return EqualsIgnoreCase(n, name); });
  };
  switch (type) {
    case DatasetType::kInteractions:
      return among(kInteractions);
    case DatasetType::kItems:
      return among(kItems);
    case DatasetType::kUsers:
      return among(kUsers);
  }
  return false;
}

Status CheckReservedTypes(const Schema& schema, DatasetType type) {
  const auto expect = [&](std::string_view name, std::initializer_list<ColumnType> types,
                          const char* words) -> Status {
    const Column* column = schema.Find(name);
    if (column == nullptr || std::ranges::find(types, column->type) != types.end()) return Ok();
    return InvalidSchema("the reserved field " + std::string(name) + " has the wrong type", column->name)
        .Expected(words)
        .Got(std::string(Name(column->type)));
  };
  if (type == DatasetType::kItems) return expect("CREATION_TIMESTAMP", {ColumnType::kLong}, "long");
  if (type == DatasetType::kUsers) return Ok();
  TRINE_TRY(expect("EVENT_TYPE", {ColumnType::kString}, "string"));
  TRINE_TRY(expect("EVENT_VALUE", {ColumnType::kFloat, ColumnType::kDouble}, "float or double"));
  TRINE_TRY(expect("IMPRESSION", {ColumnType::kString}, "string"));
  TRINE_TRY(expect("RECOMMENDATION_ID", {ColumnType::kString}, "string"));
  return expect("EVENT_ATTRIBUTION_SOURCE", {ColumnType::kString}, "string");
}

// A string column that is neither categorical nor textual is stored and can be filtered by, but models are
// not trained on it.
Status CheckMetadata(const Schema& schema, DatasetType type) {
  size_t metadata = 0, textual = 0;
  for (const Column& column : schema.columns) {
    if (IsReserved(type, column.name)) {
      if (type == DatasetType::kItems && EqualsIgnoreCase(column.name, "CREATION_TIMESTAMP")) ++metadata;
      continue;
    }
    ++metadata;
    textual += column.textual ? 1 : 0;
    if (column.textual && type != DatasetType::kItems) {
      return InvalidSchema("only an Items schema can have a textual field", column.name);
    }
  }
  if (textual > 1) return InvalidSchema("only one field in a schema can be textual", "fields");
  if (metadata == 0 && type != DatasetType::kInteractions) {
    return InvalidSchema("the schema has no metadata field besides the id field", "fields");
  }
  return Ok();
}

Error InvalidCell(const Column& column, std::string expected, std::string_view got) {
  return Error(ErrorCode::kCellValue, "the value does not fit the column")
      .Expected(std::move(expected))
      .Got("'" + std::string(got.substr(0, 64)) + "'")
      .Where(column.name);
}

// Also accepts integers in the form "17850.0", which spreadsheets write.
std::optional<int64_t> WholeNumber(std::string_view text) {
  if (const auto whole = format::ParseInt(text)) return whole;
  const auto number = format::ParseDouble(text);
  if (!number || std::trunc(*number) != *number || std::abs(*number) > 9.0e15) return std::nullopt;
  return static_cast<int64_t>(*number);
}

}  // namespace

std::string_view Name(DatasetType type) {
  switch (type) {
    case DatasetType::kInteractions:
      return "interactions";
    case DatasetType::kItems:
      return "items";
    case DatasetType::kUsers:
      return "users";
  }
  return "unknown";
}

std::string_view Name(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
      return "string";
    case ColumnType::kInt:
      return "int";
    case ColumnType::kLong:
      return "long";
    case ColumnType::kFloat:
      return "float";
    case ColumnType::kDouble:
      return "double";
    case ColumnType::kBoolean:
      return "boolean";
  }
  return "unknown";
}

const Column* Schema::Find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(columns, [&](const Column& c) { return EqualsIgnoreCase(c.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

Result<Schema> ParseSchema(std::string_view avro_json) {
  if (avro_json.size() > kMaxSchemaBytes) {
    return Error(ErrorCode::kLimit, "the schema is too long")
        .Expected("at most " + std::to_string(kMaxSchemaBytes) + " bytes")
        .Got(std::to_string(avro_json.size()));
  }
  auto parsed = format::ParseJson(avro_json);
  if (!parsed.ok())
    return InvalidSchema("the schema is not valid JSON: " + parsed.error().message, parsed.error().where);
  const format::Json* type = parsed->Find("type");
  if (type == nullptr || !type->is_string() || type->string() != "record") {
    return InvalidSchema("the schema is not an Avro record", "type").Expected("\"type\": \"record\"");
  }
  Schema schema;
  schema.text = avro_json;
  const format::Json* name = parsed->Find("name");
  if (name == nullptr || !name->is_string() || name->string().empty()) {
    return InvalidSchema("the record has no name", "name");
  }
  schema.record_name = name->string();
  const format::Json* fields = parsed->Find("fields");
  if (fields == nullptr || !fields->is_array() || fields->array().empty()) {
    return InvalidSchema("the record has no fields", "fields");
  }
  if (fields->array().size() > kMaxColumns) return InvalidSchema("the record has too many fields", "fields");
  for (size_t i = 0; i < fields->array().size(); ++i) {
    TRINE_ASSIGN(Column column, ParseColumn(fields->array()[i], i));
    if (schema.Find(column.name) != nullptr) return InvalidSchema("the field is defined twice", column.name);
    schema.columns.push_back(std::move(column));
  }
  return schema;
}

Status CheckSchema(const Schema& schema, DatasetType type, bool ecommerce) {
  for (const RequiredColumn& required : RequiredColumns(type, ecommerce)) {
    const Column* column = schema.Find(required.name);
    const std::string name(required.name);
    if (column == nullptr) return InvalidSchema("the schema lacks the required field " + name, name);
    if (std::ranges::find(required.types, column->type) == required.types.end()) {
      return InvalidSchema("the required field " + name + " has the wrong type", name)
          .Expected(std::string(Name(required.types.front())))
          .Got(std::string(Name(column->type)));
    }
    if (required.categorical && !column->categorical) {
      return InvalidSchema("the required field " + name + " must be categorical", name);
    }
  }
  TRINE_TRY(CheckReservedTypes(schema, type));
  return CheckMetadata(schema, type);
}

namespace {

// The reserved columns with a time in seconds.
bool IsTimeColumn(std::string_view name) {
  return EqualsIgnoreCase(name, "TIMESTAMP") || EqualsIgnoreCase(name, "CREATION_TIMESTAMP");
}

}  // namespace

Result<format::Json> ParseCell(const Column& column, std::string_view text) {
  if (text.empty() && column.nullable) return format::Json();
  switch (column.type) {
    case ColumnType::kString:
      if (!IsValidUtf8(text)) return InvalidCell(column, "UTF-8 text", "invalid UTF-8");
      return format::Json(text);
    case ColumnType::kInt:
    case ColumnType::kLong: {
      const auto number = WholeNumber(text);
      if (!number) return InvalidCell(column, "a whole number", text);
      if (column.type == ColumnType::kInt &&
          (*number > std::numeric_limits<int32_t>::max() || *number < std::numeric_limits<int32_t>::min())) {
        return InvalidCell(column, "a 32-bit whole number", text);
      }
      if (*number < 0 && IsTimeColumn(column.name))
        return InvalidCell(column, "a time since 1970-01-01", text);
      return format::Json(*number);
    }
    case ColumnType::kFloat:
    case ColumnType::kDouble: {
      const auto number = format::ParseDouble(text);
      if (!number || !std::isfinite(*number)) return InvalidCell(column, "a number", text);
      return format::Json(*number);
    }
    case ColumnType::kBoolean:
      if (EqualsIgnoreCase(text, "true") || text == "1") return format::Json(true);
      if (EqualsIgnoreCase(text, "false") || text == "0") return format::Json(false);
      return InvalidCell(column, "true or false", text);
  }
  return InvalidCell(column, "a value", text);
}

}  // namespace trine::history
