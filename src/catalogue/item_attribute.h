// The names of item attributes, and their values in the units of item datasets. Item datasets have times in
// seconds; records may have them as strings or in milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "catalogue/mapping.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::catalogue {

// Returns whether two attribute names are equal, ignoring ASCII case and underscores: CATEGORY_L1 equals
// categoryL1.
bool SameAttribute(std::string_view a, std::string_view b);

// Converts a number (seconds, or milliseconds above 1e11) or a string that contains a time to seconds since
// the epoch; nullopt for anything else.
std::optional<int64_t> EpochSeconds(const format::Json& value);

// Returns the value that `reader` finds, with dates converted to seconds since the epoch. Dates are
// CREATION_TIMESTAMP and the fields that `mapping` declares as dates (nullptr declares none). The result
// points into `source` or to `scratch`; nullptr if the record does not have the attribute. A value of a date
// field that is not a time is returned unchanged.
const format::Json* ReadAttribute(const AttributeReader& reader, const Mapping* mapping,
                                  const format::Json& source, std::string_view attribute,
                                  format::Json* scratch);

}  // namespace trine::catalogue
