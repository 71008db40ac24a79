// The names of item attributes, and their values in the units of item datasets. These have times as seconds;
// records may have them as text or milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "catalogue/mapping.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::catalogue {

// Whether two attribute names are equal without the case of ASCII letters and without underscores:
// CATEGORY_L1 equals categoryL1.
bool SameAttribute(std::string_view a, std::string_view b);

// Seconds since the epoch of a number (values above 1e11 are taken as milliseconds) or of a text that is a
// time; nullopt for anything else.
std::optional<int64_t> EpochSeconds(const format::Json& value);

// Returns what `reader` finds, except that dates become whole seconds since the epoch. Dates are
// CREATION_TIMESTAMP and the fields that `mapping` declares as such (nullptr declares none). The result
// points into `source` or to `scratch`; nullptr when the record does not have the attribute. A value of a
// date field that is not a time is returned as it is.
const format::Json* ReadAttribute(const AttributeReader& reader, const Mapping* mapping,
                                  const format::Json& source, std::string_view attribute,
                                  format::Json* scratch);

}  // namespace trine::catalogue
