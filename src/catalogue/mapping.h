// Mapping: the fields of a collection's records, and how each field is indexed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::catalogue {

// Reaches disk; never reuse a number.
enum class FieldType : int {
  kText = 1,
  kKeyword = 2,
  kLong = 3,
  kInteger = 4,
  kShort = 5,
  kByte = 6,
  kDouble = 7,
  kFloat = 8,
  kHalfFloat = 9,
  kBoolean = 10,
  kDate = 11,
  kKnnVector = 12,
  kObject = 13,
  kUnsignedLong = 14,
  kScaledFloat = 15,
};
std::string_view Name(FieldType type);  // "text", "keyword" ... "knn_vector", as in OpenSearch mappings
std::optional<FieldType> FieldTypeNamed(std::string_view name);
bool IsNumeric(FieldType type);  // the types from long to half_float, unsigned_long and scaled_float
// The range of an integer type (long, integer, short, byte); the range of long for other types.
struct IntegerRange {
  int64_t lowest, highest;
};
IntegerRange RangeOf(FieldType type);

// The form of an unsigned_long in the index: an int64 of the same order, and back.
constexpr int64_t StoredUnsigned(uint64_t v) { return static_cast<int64_t>(v ^ uint64_t{1} << 63); }
constexpr uint64_t UnsignedValue(int64_t stored) {
  return static_cast<uint64_t>(stored) ^ uint64_t { 1 } << 63;
}

// Reaches disk; never reuse a number.
enum class Dynamic : int { kTrue = 1, kFalse = 2, kStrict = 3 };
// Reaches disk; never reuse a number.
enum class VectorSpace : int { kL2 = 1, kCosine = 2, kInnerProduct = 3, kL1 = 4, kLinf = 5 };

// One field. Plain data, immutable once its Mapping is shared. Members with a type in their comment apply to
// fields of that type only.
struct Field {
  std::string name;  // the last part of its path
  FieldType type = FieldType::kText;
  bool index = true;
  bool doc_values = true;
  bool norms = true;
  bool enabled = true;          // objects
  std::string analyzer;         // empty: "standard"
  std::string search_analyzer;  // empty: analyzer
  std::string normalizer;
  int64_t ignore_above = -1;  // keyword: longer values are not indexed; -1: no bound
  double scaling_factor = 1;  // scaled_float
  std::string format;         // date; empty: strict_date_optional_time||epoch_millis
  format::Json null_value;    // null: none
  std::vector<std::string> copy_to;
  std::optional<Dynamic> dynamic;        // objects
  uint32_t dimension = 0;                // knn_vector
  VectorSpace space = VectorSpace::kL2;  // knn_vector
  format::Json vector_method;            // as the client sent it, echoed back
  std::vector<Field> properties;         // objects
  std::vector<Field> fields;             // multi-fields ("title.keyword")
  std::vector<std::pair<std::string, format::Json>>
      client_parameters;  // as the client sent them, echoed back
};

// Immutable once shared, and then thread-safe. Returned pointers are valid as long as the mapping.
struct Mapping {
  Dynamic dynamic = Dynamic::kTrue;
  bool date_detection = true;
  format::Json meta;
  std::vector<Field> properties;

  // Returns the field with this dotted path, through objects and multi-fields; nullptr if there is none.
  const Field* Find(std::string_view path) const;
  // Returns every field that is not an object, including multi-fields, with its dotted path, in mapping
  // order.
  std::vector<std::pair<std::string, const Field*>> Leaves() const;
  // Returns the paths from Leaves() that match a pattern (see MatchesPattern).
  std::vector<std::string> Match(std::string_view pattern) const;
  size_t FieldCount() const;
};

// Returns `base` with `more` added. kMappingConflict if a type or a fixed parameter would change (`where` =
// path); kMappingFieldLimit if the result has more than limits::kMaxMappingFields fields.
Result<Mapping> Merge(const Mapping& base, const Mapping& more);

}  // namespace trine::catalogue
