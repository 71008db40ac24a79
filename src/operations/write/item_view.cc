#include "operations/write/item_view.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "catalogue/item_attribute.h"
#include "format/date_format.h"
#include "format/text.h"

namespace trine::operations {
namespace {

using format::Json;

void RemovePath(Json* object, std::string_view path) {
  if (object->Remove(path)) return;
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) return;
  Json* below = object->Find(path.substr(0, dot));
  if (below != nullptr && below->is_object()) RemovePath(below, path.substr(dot + 1));
}

// Converts a time in seconds, as item datasets store it, to a value that the date field's format reads as the
// same time. Prefers a number if the record already has one in the field, otherwise a string. Returns `value`
// unchanged if it is not a number of seconds or if the format cannot express it.
Json AsDate(const catalogue::Field& field, const Json* before, const Json& value) {
  if (!value.is_number()) return value;
  const std::optional<int64_t> seconds = catalogue::EpochSeconds(value);
  const auto format = format::DateFormat::Compile(field.format);
  if (!seconds || !format.ok()) return value;
  const Millis time{*seconds * 1000};
  const std::string text = format::FormatTime(time);
  std::array<Json, 7> ways = {Json(text),
                              Json(text.substr(0, 10) + " " + text.substr(11, 8)),
                              Json(text.substr(0, 10)),
                              Json(time.value),
                              Json(*seconds),
                              Json(text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2)),
                              Json(format->Print(time))};
  if (before != nullptr && before->is_number()) std::swap(ways[0], ways[3]);
  for (Json& way : ways) {
    const auto read = format->Parse(way.is_string() ? way.string() : format::ToString(way));
    if (read && read->value == time.value) return std::move(way);
  }
  return value;
}

}  // namespace

void SetPath(Json* object, std::string_view path, Json value) {
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos || dot == 0 || object->Find(path) != nullptr) {
    object->Set(path, std::move(value));
    return;
  }
  Json* below = object->Find(path.substr(0, dot));
  if (below == nullptr || !below->is_object()) below = &object->Set(path.substr(0, dot), Json::Object{});
  SetPath(below, path.substr(dot + 1), std::move(value));
}

// Sets an attribute at the path that the binding gives for it. If the binding gives none, sets the member
// that MemberFor chooses: the member or mapped field with the attribute's name, or else a new one. Only a
// path of the binding may lead into nested objects.
void ItemView::Put(std::string_view attribute, const Json& value, Json* source) const {
  for (const auto& [name, path] : binding_.fields) {
    if (catalogue::SameAttribute(name, attribute))
      return SetPath(source, path, Written(*source, path, value));
  }
  const std::string member = MemberFor(*source, attribute);
  source->Set(member, Written(*source, member, value));
}

Json ItemView::Written(const Json& source, std::string_view path, const Json& value) const {
  const catalogue::Field* field = collection_.mapping.Find(path);
  if (field == nullptr || field->type != catalogue::FieldType::kDate) return value;
  return AsDate(*field, source.FindPath(path), value);
}

std::string ItemView::MemberFor(const Json& current, std::string_view attribute) const {
  if (current.is_object()) {
    for (const auto& [name, value] : current.object()) {
      if (catalogue::SameAttribute(name, attribute)) return name;
    }
  }
  for (const catalogue::Field& field : collection_.mapping.properties) {
    if (catalogue::SameAttribute(field.name, attribute)) return field.name;
  }
  // A hidden collection holds only items, so attributes keep their names.
  return collection_.hidden ? std::string(attribute) : reader_.PathFor(attribute);
}

// Members that are set anyway keep their place in the record.
void ItemView::RemoveMissing(const ItemWrite& item, Json* source) const {
  const auto given = [&](std::string_view attribute) {
    return std::ranges::any_of(item.attributes.object(), [&](const auto& member) {
      return catalogue::SameAttribute(member.first, attribute);
    });
  };
  for (const auto& [name, path] : binding_.fields) {
    if (!given(name)) RemovePath(source, path);
  }
  std::vector<std::string> removed;
  for (const auto& [name, value] : source->object()) {
    const auto same = [&](const std::string& column) { return catalogue::SameAttribute(column, name); };
    if (name != binding_.item_id_field && !given(name) && std::ranges::any_of(item.columns, same))
      removed.push_back(name);
  }
  for (const std::string& name : removed) source->Remove(name);
}

Json ItemView::Merge(const Json& current, const ItemWrite& item, bool replace) const {
  TRINE_CHECK(item.attributes.is_object());
  replace = replace || item.whole;
  Json merged = current.is_object() ? current : Json(Json::Object{});
  if (replace && collection_.hidden) merged = Json::Object{};
  if (replace && !collection_.hidden) RemoveMissing(item, &merged);
  if (!binding_.item_id_field.empty()) SetPath(&merged, binding_.item_id_field, item.id);
  for (const auto& [name, value] : item.attributes.object()) {
    if (!catalogue::SameAttribute(name, "ITEM_ID")) Put(name, value, &merged);
  }
  return merged;
}

Json ItemView::Fill(const Json& current, const ItemWrite& item) const {
  if (!current.is_object()) return Merge(current, item, false);
  Json filled = current;
  for (const auto& [name, value] : item.attributes.object()) {
    if (reader_.Find(filled, name) == nullptr) Put(name, value, &filled);
  }
  return filled;
}

std::string ItemView::StoredItemId(const Json& source, std::string_view record_id) const {
  return binding_.item_id_field.empty() ? std::string() : reader_.ItemId(source, record_id);
}

}  // namespace trine::operations
