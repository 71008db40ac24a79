// Dynamic rules: which field a value that no mapping knows becomes, as the original does it: text with a
// keyword beside it, long, float, boolean, date, object.
#pragma once

#include <optional>
#include <string>

#include "catalogue/mapping.h"
#include "format/json.h"

namespace trine::operations {

// The field for a scalar or object; nullopt for null and arrays (they say nothing by themselves).
std::optional<catalogue::Field> InferField(const std::string& name, const format::Json& value,
                                           bool date_detection);

}  // namespace trine::operations
