// Properties of events, items and users: camelCase members of a request become columns of a dataset.
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

// "eventValue" -> "EVENT_VALUE", "categoryL1" -> "CATEGORY_L1"; upper case stays unchanged.
std::string ColumnName(std::string_view property);

// Reads the properties of a request: an object, or a string that contains a JSON object. Returns an empty
// object for nullptr and null. kInvalid for anything else and for a text of more than `max_bytes`.
Result<format::Json> ReadProperties(const format::Json* given, size_t max_bytes);

// Returns column names and values. A list of scalars becomes one string, joined by '|'. With a schema
// (nullptr: none), values are converted to the types of its columns, and properties without a column are
// dropped, as Personalize ignores them; `dropped`, unless it is nullptr, gets them as a text that does not
// depend on their order, empty if there are none. Null values are dropped. kInvalid for nested values and for
// values that do not fit their column.
Result<std::vector<std::pair<std::string, format::Json>>> ToColumns(const format::Json& properties,
                                                                    const history::Schema* schema,
                                                                    std::string* dropped = nullptr);

}  // namespace trine::api::personalize
