#include "api/native/binding_fields.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/nearest_name.h"

namespace trine::api::native {
namespace {

using catalogue::Dynamic;
using catalogue::Field;
using catalogue::FieldType;
using catalogue::Mapping;

// Whether records may have the field although the mapping does not list it.
bool MayBeUnlisted(const Mapping& mapping, std::string_view path) {
  Dynamic dynamic = mapping.dynamic;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const Field* object = mapping.Find(path.substr(0, dot));
    if (object == nullptr) break;
    if (!object->enabled) return true;
    dynamic = object->dynamic.value_or(dynamic);
  }
  return dynamic == Dynamic::kFalse;
}

Status CheckField(const Mapping& mapping, const std::string& path, const std::string& where) {
  const Field* field = mapping.Find(path);
  if (field != nullptr && field->type != FieldType::kObject) return Ok();
  if (field == nullptr && MayBeUnlisted(mapping, path)) return Ok();
  std::vector<std::string> names;
  for (const auto& [name, leaf] : mapping.Leaves()) names.push_back(name);
  const std::string problem =
      field != nullptr ? " is an object" : " does not exist" + NearestNameHint(path, names);
  return Error(ErrorCode::kInvalid, "the field " + path + problem)
      .Expected("a field of the index")
      .Got(path)
      .Where(where);
}

}  // namespace

Status CheckBindingFields(const Mapping& mapping, const catalogue::Binding& binding) {
  if (mapping.properties.empty()) return Ok();
  if (!binding.item_id_field.empty()) TRINE_TRY(CheckField(mapping, binding.item_id_field, "item_id_field"));
  for (const auto& [attribute, path] : binding.fields)
    TRINE_TRY(CheckField(mapping, path, "fields." + attribute));
  return Ok();
}

}  // namespace trine::api::native
