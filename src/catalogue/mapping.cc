#include "catalogue/mapping.h"

#include <algorithm>
#include <array>
#include <limits>

#include "catalogue/name_pattern.h"

namespace trine::catalogue {
namespace {

struct TypeName {
  FieldType type;
  std::string_view name;
};
constexpr std::array<TypeName, 15> kTypes = {{
    {FieldType::kText, "text"},
    {FieldType::kKeyword, "keyword"},
    {FieldType::kLong, "long"},
    {FieldType::kInteger, "integer"},
    {FieldType::kShort, "short"},
    {FieldType::kByte, "byte"},
    {FieldType::kDouble, "double"},
    {FieldType::kFloat, "float"},
    {FieldType::kHalfFloat, "half_float"},
    {FieldType::kBoolean, "boolean"},
    {FieldType::kDate, "date"},
    {FieldType::kKnnVector, "knn_vector"},
    {FieldType::kObject, "object"},
    {FieldType::kUnsignedLong, "unsigned_long"},
    {FieldType::kScaledFloat, "scaled_float"},
}};

const Field* FindIn(const std::vector<Field>& fields, std::string_view path) {
  for (const Field& field : fields) {
    if (!path.starts_with(field.name)) continue;
    if (path.size() == field.name.size()) return &field;
    if (path[field.name.size()] != '.') continue;
    const std::string_view rest = path.substr(field.name.size() + 1);
    if (const Field* found = FindIn(field.properties, rest); found != nullptr) return found;
    if (const Field* found = FindIn(field.fields, rest); found != nullptr) return found;
  }
  return nullptr;
}

void AddLeaves(const std::vector<Field>& fields, const std::string& prefix,
               std::vector<std::pair<std::string, const Field*>>* leaves) {
  for (const Field& field : fields) {
    const std::string path = prefix + field.name;
    if (field.type != FieldType::kObject) leaves->emplace_back(path, &field);
    AddLeaves(field.properties, path + ".", leaves);
    AddLeaves(field.fields, path + ".", leaves);
  }
}

size_t CountIn(const std::vector<Field>& fields) {
  size_t count = fields.size();
  for (const Field& field : fields) count += CountIn(field.properties) + CountIn(field.fields);
  return count;
}

}  // namespace

std::string_view Name(FieldType type) {
  for (const TypeName& t : kTypes) {
    if (t.type == type) return t.name;
  }
  return "unknown";
}

std::optional<FieldType> FieldTypeNamed(std::string_view name) {
  for (const TypeName& t : kTypes) {
    if (t.name == name) return t.type;
  }
  return std::nullopt;
}

bool IsNumeric(FieldType type) {
  switch (type) {
    case FieldType::kLong:
    case FieldType::kInteger:
    case FieldType::kShort:
    case FieldType::kByte:
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
    case FieldType::kUnsignedLong:
    case FieldType::kScaledFloat:
      return true;
    default:
      return false;
  }
}

IntegerRange RangeOf(FieldType type) {
  switch (type) {
    case FieldType::kInteger:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case FieldType::kShort:
      return {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
    case FieldType::kByte:
      return {std::numeric_limits<int8_t>::min(), std::numeric_limits<int8_t>::max()};
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

const Field* Mapping::Find(std::string_view path) const { return FindIn(properties, path); }

std::vector<std::pair<std::string, const Field*>> Mapping::Leaves() const {
  std::vector<std::pair<std::string, const Field*>> leaves;
  AddLeaves(properties, "", &leaves);
  return leaves;
}

std::vector<std::string> Mapping::Match(std::string_view pattern) const {
  std::vector<std::string> paths;
  for (auto& [path, field] : Leaves()) {
    if (MatchesPattern(pattern, path)) paths.push_back(std::move(path));
  }
  return paths;
}

size_t Mapping::FieldCount() const { return CountIn(properties); }

}  // namespace trine::catalogue
