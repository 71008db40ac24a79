// Field values: reads one JSON value as the type of its field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalogue/mapping.h"
#include "format/date_format.h"
#include "format/json.h"

namespace trine::operations {

// Returns a string unchanged and a number or boolean as its JSON text; nullopt for null, arrays and objects.
std::optional<std::string> ScalarText(const format::Json& value);

// The value of a numeric field as the index stores it: `real` if is_double, otherwise `integer`.
struct NumberValue {
  bool is_double = false;
  int64_t integer = 0;
  double real = 0;
};
// Whether columns of this type hold doubles (otherwise int64).
bool StoredAsDouble(catalogue::FieldType type);
// Reads a number or a string that contains one; integer types truncate the fraction. Returns nullopt for an
// empty string, which is not a value.
Result<std::optional<NumberValue>> ReadNumber(const catalogue::Field& field, const format::Json& value);
// Accepts true and false, also as strings; an empty string is false.
Result<bool> ReadBoolean(const format::Json& value);
Result<int64_t> ReadDate(const std::string& path, const catalogue::Field& field,
                         const format::DateFormat& date_format, const format::Json& value);
// Reads a vector. It must have the field's dimension and finite components, and must not be the zero vector
// if the space is cosine similarity.
Result<std::vector<float>> ReadVector(const catalogue::Field& field, const format::Json& value);

// The value as error messages show it: strings without quotes, objects as {a=1}, cut to a readable length.
std::string Preview(const format::Json& value);

}  // namespace trine::operations
