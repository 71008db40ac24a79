#include "operations/write/hidden_items.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "format/text.h"

namespace trine::operations {
namespace {
constexpr std::string_view kPrefix = ".items-";
}

catalogue::NewCollection HiddenCollection(GroupId group) {
  catalogue::NewCollection spec;
  spec.name = std::string(kPrefix) + std::to_string(group.value);
  spec.hidden = true;
  spec.mapping.date_detection = false;
  return spec;
}

std::optional<GroupId> HiddenGroup(const catalogue::Collection& collection) {
  if (!collection.hidden || !collection.name.starts_with(kPrefix)) return std::nullopt;
  const std::optional<int64_t> number =
      format::ParseInt(std::string_view(collection.name).substr(kPrefix.size()));
  if (!number || *number < 0 || *number > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return GroupId{static_cast<uint32_t>(*number)};
}

catalogue::Mapping NumberFields(const catalogue::Collection& collection,
                                const std::vector<ItemWrite>& items) {
  catalogue::Mapping more;
  more.dynamic = collection.mapping.dynamic;
  more.date_detection = collection.mapping.date_detection;
  more.meta = collection.mapping.meta;
  for (const ItemWrite& item : items) {
    if (!item.attributes.is_object()) continue;
    for (const auto& [name, value] : item.attributes.object()) {
      if (!value.is_number() || name.empty() || name.find('.') != std::string::npos) continue;
      if (collection.mapping.Find(name) != nullptr) continue;
      const auto same = [&wanted = name](const catalogue::Field& f) { return f.name == wanted; };
      if (std::any_of(more.properties.begin(), more.properties.end(), same)) continue;
      catalogue::Field field;
      field.name = name;
      field.type = catalogue::FieldType::kDouble;
      more.properties.push_back(std::move(field));
    }
  }
  return more;
}

}  // namespace trine::operations
