// Numbers as numeric fields read them, from JSON numbers and from text, in documents and in queries.
#pragma once

#include <cstdint>
#include <optional>

#include "catalogue/mapping.h"
#include "format/decimal.h"
#include "format/json.h"

namespace trine::catalogue {

// Reads a number for a field of an integer type without rounding it. Text may have a plus sign, a fraction
// and an exponent. As in OpenSearch, text for the types integer, short and byte may also have blanks around
// it and a type suffix ("5 ", "5d"), but text for long and unsigned_long may not. Returns nullopt if `value`
// is not such a number.
std::optional<format::Decimal> ReadDecimal(FieldType type, const format::Json& value);

// Reads a number for a field of another numeric type. Text may have blanks around it, a plus sign and a type
// suffix, and may be NaN or Infinity.
std::optional<double> ReadReal(const format::Json& value);

// A number of an integer type, cut off towards zero, in the form that the index stores: for unsigned_long,
// the number minus 2^63, so that the order is the same. `inside` is false if the number is out of the range
// of the type; then `stored` has no meaning.
struct StoredInteger {
  bool inside = true;
  int64_t stored = 0;
};
StoredInteger ToStored(FieldType type, const format::Decimal& number);

}  // namespace trine::catalogue
