// Properties: what clients say of an event, an item or a user in camelCase, as columns of a dataset.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "history/schema.h"

namespace trine::api::personalize {

// "eventValue" -> "EVENT_VALUE", "categoryL1" -> "CATEGORY_L1"; upper case stays as it is.
std::string ColumnName(std::string_view property);

// The properties of a request's member: a JSON text that holds an object, or the object itself; absent is
// an empty object. kInvalid when it is neither, or longer than `max_bytes`.
Result<format::Json> ReadProperties(const format::Json* given, size_t max_bytes);

// Properties as columns: name and value, typed by the schema. With a schema only its columns are kept and
// values that do not fit are kInvalid; without one every scalar is. Null values are left out.
Result<std::vector<std::pair<std::string, format::Json>>> ToColumns(const format::Json& properties,
                                                                    const history::Schema* schema);

}  // namespace trine::api::personalize
