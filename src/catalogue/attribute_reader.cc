#include <string>

#include "base/text.h"
#include "catalogue/item_attribute.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::catalogue {

bool SameAttribute(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  while (true) {
    while (i < a.size() && a[i] == '_') ++i;
    while (j < b.size() && b[j] == '_') ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (ToLowerAscii(a[i++]) != ToLowerAscii(b[j++])) return false;
  }
}

AttributeReader::AttributeReader(const Binding& binding) : binding_(binding) {}

const format::Json* AttributeReader::Find(const format::Json& source, std::string_view attribute) const {
  for (const auto& [name, path] : binding_.fields) {
    if (SameAttribute(name, attribute)) return source.FindPath(path);
  }
  if (!source.is_object()) return nullptr;
  if (const format::Json* exact = source.Find(attribute); exact != nullptr) return exact;
  for (const auto& [name, value] : source.object()) {
    if (SameAttribute(name, attribute)) return &value;
  }
  return nullptr;
}

std::string AttributeReader::PathFor(std::string_view attribute) const {
  for (const auto& [name, path] : binding_.fields) {
    if (SameAttribute(name, attribute)) return path;
  }
  return ToLowerAscii(attribute);
}

std::string AttributeReader::ItemId(const format::Json& source, std::string_view record_id) const {
  if (binding_.item_id_field.empty()) return std::string(record_id);
  const format::Json* value = source.FindPath(binding_.item_id_field);
  if (value != nullptr && value->is_string() && !value->string().empty()) return value->string();
  if (value != nullptr && value->is_number()) return format::ToString(*value);
  return std::string(record_id);
}

}  // namespace trine::catalogue
