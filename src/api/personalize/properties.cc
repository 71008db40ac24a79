#include "api/personalize/properties.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "api/personalize/call.h"
#include "base/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Folds the camelCase and UPPER_SNAKE_CASE spellings of a name to one form.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : ToUpperAscii(name)) {
    if (c != '_') folded += c;
  }
  return folded;
}

const history::Column* FindColumn(const history::Schema& schema, std::string_view property) {
  if (const history::Column* exact = schema.Find(property)) return exact;
  const std::string folded = Folded(property);
  const auto found =
      std::ranges::find_if(schema.columns, [&](const auto& column) { return Folded(column.name) == folded; });
  return found == schema.columns.end() ? nullptr : &*found;
}

// Returns a scalar, or a list of scalars joined with '|', as cell text; nullopt for nested values.
std::optional<std::string> CellOf(const Json& value) {
  if (value.is_string()) return value.string();
  if (value.is_number() || value.is_bool()) {
    // Whole numbers are written without a fraction, so that 3.0 and 3 become the same cell.
    if (value.is_number() && !value.is_integer() && std::trunc(value.number()) == value.number() &&
        std::abs(value.number()) < 9e15) {
      return std::to_string(static_cast<int64_t>(value.number()));
    }
    return format::ToString(value);
  }
  if (!value.is_array()) return std::nullopt;
  std::string joined;
  for (const Json& element : value.array()) {
    if (element.is_array()) return std::nullopt;
    const auto cell = CellOf(element);
    if (!cell) return std::nullopt;
    joined += (joined.empty() ? "" : "|") + *cell;
  }
  return joined;
}

}  // namespace

std::string ColumnName(std::string_view property) {
  std::string name;
  for (size_t i = 0; i < property.size(); ++i) {
    const char c = property[i];
    const bool begins = i > 0 && IsUpper(c) && (IsLower(property[i - 1]) || IsDigit(property[i - 1]));
    if (begins && name.back() != '_') name += '_';
    name += c;
  }
  return ToUpperAscii(name);
}

Result<Json> ReadProperties(const Json* given, size_t max_bytes) {
  if (given == nullptr || given->is_null()) return Json(Json::Object{});
  const auto too_long = [&] {
    return Invalid("properties must not exceed " + std::to_string(max_bytes) + " bytes");
  };
  if (given->is_object()) {
    if (format::ToString(*given).size() > max_bytes) return too_long();
    return *given;
  }
  if (!given->is_string())
    return Invalid("properties must be a JSON object").Got(std::string(given->type_name()));
  if (given->string().size() > max_bytes) return too_long();
  Result<Json> parsed = format::ParseJson(given->string());
  if (!parsed.ok()) return Invalid("properties must be valid JSON: " + parsed.error().ToString());
  if (!parsed->is_object())
    return Invalid("properties must be a JSON object").Got(std::string(parsed->type_name()));
  return parsed;
}

Result<std::vector<std::pair<std::string, Json>>> ToColumns(const Json& properties,
                                                            const history::Schema* schema,
                                                            std::string* dropped) {
  std::vector<std::pair<std::string, Json>> columns;
  std::map<std::string, std::string> others;
  for (const auto& [property, value] : properties.object()) {
    if (value.is_null()) continue;
    const history::Column* column = schema == nullptr ? nullptr : FindColumn(*schema, property);
    if (schema != nullptr && column == nullptr) {
      others.emplace(property, format::ToString(value));
      continue;
    }
    const std::optional<std::string> cell = CellOf(value);
    if (!cell) return Invalid("The property " + property + " must be a scalar or a list of scalars");
    if (column == nullptr) {
      columns.emplace_back(ColumnName(property), value.is_array() ? Json(*cell) : value);
      continue;
    }
    Result<Json> typed = history::ParseCell(*column, *cell);
    if (!typed.ok())
      return Invalid("The property " + property + " is not valid: " + typed.error().ToString());
    if (!typed->is_null()) columns.emplace_back(ToUpperAscii(column->name), *std::move(typed));
  }
  if (dropped == nullptr) return columns;
  dropped->clear();
  for (const auto& [name, text] : others) *dropped += format::ToString(Json(name)) + ":" + text + ",";
  return columns;
}

}  // namespace trine::api::personalize
