// Dynamic rules: the type of a field that no mapping defines, inferred from a value as OpenSearch does: text
// with a keyword sub-field, long, float, boolean, date, object.
#pragma once

#include <optional>
#include <string>

#include "catalogue/mapping.h"
#include "format/json.h"

namespace trine::operations {

// The field for a scalar or object; nullopt for null and arrays, which have no type of their own.
std::optional<catalogue::Field> InferField(const std::string& name, const format::Json& value,
                                           bool date_detection);

}  // namespace trine::operations
