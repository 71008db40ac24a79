#include "formation/visible_fields.h"

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace trine::formation {
namespace {

bool TextHas(const format::Json& one, std::string_view value) {
  const std::string text = one.is_string() ? one.string() : format::ToString(one);
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('>', at), text.size());
    if (Trim(std::string_view(text).substr(at, end - at)) == value) return true;
    at = end + 1;
  }
  return text == value;
}

}  // namespace

bool IsVisible(const std::vector<std::string>& fields, std::string_view field) {
  return fields.empty() || std::find(fields.begin(), fields.end(), field) != fields.end();
}

catalogue::CollectionPtr VisiblePart(const catalogue::CollectionPtr& collection,
                                     const std::vector<std::string>& fields) {
  if (fields.empty() || collection == nullptr) return collection;
  auto part = std::make_shared<catalogue::Collection>(*collection);
  std::erase_if(part->mapping.properties,
                [&](const catalogue::Field& field) { return !IsVisible(fields, field.name); });
  return part;
}

void HideFields(const std::vector<std::string>& fields, format::Json* source) {
  if (fields.empty() || !source->is_object()) return;
  std::erase_if(source->object(), [&](const auto& member) { return !IsVisible(fields, member.first); });
}

bool HasValue(const format::Json& source, std::string_view value) {
  if (!source.is_object()) return false;
  for (const auto& [field, given] : source.object()) {
    if (given.is_array()) {
      for (const format::Json& one : given.array()) {
        if (TextHas(one, value)) return true;
      }
    } else if (!given.is_object() && TextHas(given, value)) {
      return true;
    }
  }
  return false;
}

}  // namespace trine::formation
