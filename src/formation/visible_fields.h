// The part of a collection that a caller may see whose credentials are limited to some fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::formation {

// Whether a top-level source field is visible. An empty list: all fields are.
bool IsVisible(const std::vector<std::string>& fields, std::string_view field);

// The collection with only the visible fields in its mapping, so that a search through it matches nothing
// else and no other field has a role; `collection` itself if `fields` is empty.
catalogue::CollectionPtr VisiblePart(const catalogue::CollectionPtr& collection,
                                     const std::vector<std::string>& fields);

// Removes the members of a record's source that are not visible.
void HideFields(const std::vector<std::string>& fields, format::Json* source);

// Whether `value` is, or is a level of ("패션>여성"), a text of some field of `source`.
bool HasValue(const format::Json& source, std::string_view value);

}  // namespace trine::formation
