// ReadAttribute: an attribute of an item as item datasets count it, from a record that may write its
// times otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "catalogue/mapping.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::catalogue {

// Seconds since 1970: of a number (above 1e11 it counts milliseconds) or of a text that is a time.
// nullopt for anything else.
std::optional<int64_t> EpochSeconds(const format::Json& value);

// What `reader` finds, except that a date is its whole seconds since 1970: item datasets have times as
// numbers, records as text or milliseconds. A date is what `mapping` (nullptr: none) says, and the time
// of creation. nullptr when the record has none; else it points into `source` or is `scratch`.
const format::Json* ReadAttribute(const AttributeReader& reader, const Mapping* mapping,
                                  const format::Json& source, std::string_view attribute,
                                  format::Json* scratch);

}  // namespace trine::catalogue
