// Field values: one JSON value read as the type that a mapping gives its field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalogue/mapping.h"
#include "format/json.h"
#include "operations/mapping/date_format.h"

namespace trine::operations {

// A string as it is, a number or boolean as the text it was written as; nullopt for the rest.
std::optional<std::string> ScalarText(const format::Json& value);

// A number of a numeric type: exactly one of the two is meant.
struct NumberValue {
  bool is_double = false;
  int64_t integer = 0;
  double real = 0;
};
// Whether columns of this type hold doubles (else int64).
bool StoredAsDouble(catalogue::FieldType type);
// Numbers and numeric text; whole types cut the fraction off. nullopt: an empty text, which is no value.
// kInvalid says why in the words a reader of the original knows.
Result<std::optional<NumberValue>> ReadNumber(const catalogue::Field& field, const format::Json& value);
// true, false, "true", "false", "".
Result<bool> ReadBoolean(const format::Json& value);
Result<int64_t> ReadDate(const std::string& path, const catalogue::Field& field, const DateFormat& format,
                         const format::Json& value);
// Checks dimension, finiteness and, where the space measures angles, length.
Result<std::vector<float>> ReadVector(const catalogue::Field& field, const format::Json& value);

// The value as messages show it: text bare, objects as {a=1}, cut to a readable length.
std::string Preview(const format::Json& value);

}  // namespace trine::operations
