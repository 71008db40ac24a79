// Dates as release 0.1.0 read them.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"

namespace trine::operations {

// Reads a value of a date field by the rules of 0.1.0, which accepted some values that OpenSearch refuses,
// such as 2024-05-01T24:00. `pattern` is the format of the field; empty: the default. Only for documents that
// were accepted by 0.1.0: their values must not be lost when an index is built again. nullopt for a value
// that 0.1.0 refused, too.
std::optional<Millis> ReadFirstDate(std::string_view pattern, std::string_view text);

}  // namespace trine::operations
