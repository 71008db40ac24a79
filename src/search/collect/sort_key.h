// SortKey: one criterion that hits are ordered by, and the values it yields.
#pragma once

#include <cstdint>
#include <string>

#include "format/json.h"

namespace trine::search {

struct SortKey {
  // kIndexOrder orders by target, segment and row: the cheapest order, and a stable one.
  enum class By : uint8_t { kField, kScore, kIndexOrder, kId } by = By::kField;
  std::string field;  // for kField: the column's path; for other values of `by`: the name used in errors
  bool descending = false;
  format::Json missing;  // where rows without a value go: "_last" (default), "_first", or a value to use
  enum class Mode { kDefault, kMin, kMax, kAvg, kSum } mode = Mode::kDefault;
  std::string unmapped_type;  // if set, an unmapped field sorts as if every row lacked a value
};

// An integer, a double or text (booleans are 0 or 1, dates are milliseconds since the epoch). A row without a
// value gets the sort value that OpenSearch returns: null for text, otherwise the lowest or highest number,
// whichever sorts the row as `missing` requires.
using SortValue = format::Json;

// Compares two values of one key: negative if `a` comes first, positive if `b` does, otherwise 0. Null comes
// last in both directions. A string and a number compare as equal.
int CompareSortValues(const SortValue& a, const SortValue& b, bool descending);

}  // namespace trine::search
