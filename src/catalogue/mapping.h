// Mapping: what fields the records of a collection have and how each is indexed.
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
std::string_view Name(FieldType type);  // the field's standard name: "text", "keyword" ... "knn_vector"
std::optional<FieldType> FieldTypeNamed(std::string_view name);
bool IsNumeric(FieldType type);  // long .. half_float, unsigned_long, scaled_float
// What an integer type (long, integer, short, byte, unsigned_long) can hold; of other types, of long.
struct IntegerRange {
  int64_t lowest, highest;
};
IntegerRange RangeOf(FieldType type);

enum class Dynamic : int { kTrue = 1, kFalse = 2, kStrict = 3 };
enum class VectorSpace : int { kL2 = 1, kCosine = 2, kInnerProduct = 3, kL1 = 4, kLinf = 5 };

// One field. Plain data; a Mapping that is in use is immutable.
struct Field {
  std::string name;  // last part only
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
  format::Json vector_method;            // as the client gave it, echoed back
  std::vector<Field> properties;         // objects
  std::vector<Field> fields;             // multi-fields ("title.keyword")
  std::vector<std::pair<std::string, format::Json>>
      client_parameters;  // as the client sent them, echoed back
};

// Immutable once shared. Thread-safe.
struct Mapping {
  Dynamic dynamic = Dynamic::kTrue;
  bool date_detection = true;
  format::Json meta;
  std::vector<Field> properties;

  // By dotted path, through objects and multi-fields; nullptr when there is none.
  const Field* Find(std::string_view path) const;
  // Every leaf with its dotted path (multi-fields too), in order.
  std::vector<std::pair<std::string, const Field*>> Leaves() const;
  // Leaf paths matching a pattern with '*'.
  std::vector<std::string> Match(std::string_view pattern) const;
  size_t FieldCount() const;
};

// `base` with `more` added. kMappingConflict when a type or a fixed parameter
// would change (`where` = path), kLimit past limits::kMaxMappingFields.
Result<Mapping> Merge(const Mapping& base, const Mapping& more);

}  // namespace trine::catalogue
