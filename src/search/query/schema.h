// Schema: a view of one collection that lowering uses: the fields, their analyzers, and how their values are
// parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::search {

using AnalyzerPtr = std::shared_ptr<const analysis::Analyzer>;

// How the index stores the values of a field. It decides how the field can be searched.
enum class ValueKind { kText, kKeyword, kInteger, kDouble, kBoolean, kDate, kVector, kObject };
ValueKind KindOf(catalogue::FieldType type);

// A view for one search. The collection and the analyzers must outlive it. Thread-safe.
class Schema {
 public:
  Schema(const catalogue::Collection& collection, const analysis::Analyzers& analyzers, Millis now)
      : collection_(collection), analyzers_(analyzers), now_(now) {}

  const catalogue::Collection& collection() const { return collection_; }
  Millis now() const { return now_; }
  // Returns nullptr if the field is not mapped.
  const catalogue::Field* Find(std::string_view path) const { return collection_.mapping.Find(path); }
  // Whether `pattern`, a name that may contain '*', names this collection or one of its aliases.
  bool IsNamed(std::string_view pattern) const;
  // Returns the analyzer for a query on a text field: the one called `named`, or if `named` is empty, the
  // search analyzer of the field.
  Result<AnalyzerPtr> SearchAnalyzer(const catalogue::Field& field, const std::string& named) const;
  // Returns a keyword value in its indexed form: normalized, if the field has a normalizer.
  Result<std::string> Normalize(const catalogue::Field& field, std::string_view value) const;
  // Returns the field at `path`, all fields under `path` if it is an object, or those that match it if it
  // contains '*'. Empty if not mapped.
  std::vector<std::pair<std::string, const catalogue::Field*>> LeavesAt(std::string_view path) const;

 private:
  const catalogue::Collection& collection_;
  const analysis::Analyzers& analyzers_;
  const Millis now_;
};

// Returns a JSON scalar as the text of a term: 5 is "5", true is "true". Fails with kInvalidQuery on null,
// arrays and objects.
Result<std::string> TermText(const format::Json& value, const std::string& field);

// A number in a query on an integer field, in the form that the index stores. `inside` is false if the number
// lies outside the range of the field; then `below` is true if it is too low, and the other members have no
// meaning. `exact` is false if a fraction was cut off; then `value` is the floor.
struct IntegerValue {
  bool inside = true, below = false, exact = true;
  int64_t value = 0;
};
// Fails with kFieldType and `where` = path if the value is not a number.
Result<IntegerValue> ParseInteger(const format::Json& value, const std::string& path,
                                  catalogue::FieldType type);
// Parses a number and rounds it as the field rounds its stored values (float32, half, scaled): a query for a
// number then finds the rows that contain this number.
Result<double> ParseReal(const format::Json& value, const std::string& path, const catalogue::Field& field);
// Parses the bound of a range. The bound is not rounded to half precision or to the scaling factor, because a
// rounded bound could include values beyond the given one.
Result<double> ParseRealBound(const format::Json& value, const std::string& path,
                              const catalogue::Field& field);
Result<bool> ParseBoolean(const format::Json& value, const std::string& path);

// Returns the error (kFieldType) for a query that does not fit the type of its field.
Error WrongFieldType(const std::string& path, catalogue::FieldType type, std::string expected,
                     std::string got);

}  // namespace trine::search
