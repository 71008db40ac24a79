// Schema: what a query may ask of one collection: its fields, their analyzers and readable values.
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

// How values of a field are kept in the index, which decides how it is searched.
enum class ValueKind { kText, kKeyword, kInteger, kDouble, kBoolean, kDate, kVector, kObject };
ValueKind KindOf(catalogue::FieldType type);

// A view for one search; the collection and the analyzers outlive it. Thread-safe.
class Schema {
 public:
  Schema(const catalogue::Collection& collection, const analysis::Analyzers& analyzers, Millis now)
      : collection_(collection), analyzers_(analyzers), now_(now) {}

  const catalogue::Collection& collection() const { return collection_; }
  Millis now() const { return now_; }
  // nullptr: not mapped.
  const catalogue::Field* Find(std::string_view path) const { return collection_.mapping.Find(path); }
  // The analyzer of a query on a text field; `named` (may be empty) comes first.
  Result<AnalyzerPtr> SearchAnalyzer(const catalogue::Field& field, const std::string& named) const;
  // A keyword value as it is indexed: through the field's normalizer, if any.
  Result<std::string> Normalize(const catalogue::Field& field, std::string_view value) const;
  // Leaves at `path`: itself, or everything below an object. Empty: not mapped.
  std::vector<std::pair<std::string, const catalogue::Field*>> LeavesAt(std::string_view path) const;

 private:
  const catalogue::Collection& collection_;
  const analysis::Analyzers& analyzers_;
  const Millis now_;
};

// A JSON scalar as the text of a term: 5 is "5", true is "true". kInvalid for arrays and objects.
Result<std::string> TermText(const format::Json& value, const std::string& field);

// One number of a query against an integer field. Inside is false when it lies outside the int64 or
// the field's own range, then `below` says on which side; `exact` is false when a fraction was cut:
// `value` is then the floor.
struct IntegerValue {
  bool inside = true, below = false, exact = true;
  int64_t value = 0;
};
// kFieldType, `where` = path, when the value is no number.
Result<IntegerValue> ParseInteger(const format::Json& value, const std::string& path,
                                  catalogue::FieldType type);
// Rounded as the field keeps its values (float32, half, scaled), so that equality holds.
Result<double> ParseReal(const format::Json& value, const std::string& path, const catalogue::Field& field);
// A bound of a range: not rounded to half or to the scale, so that it never takes in a value beyond it.
Result<double> ParseRealBound(const format::Json& value, const std::string& path,
                              const catalogue::Field& field);
Result<bool> ParseBoolean(const format::Json& value, const std::string& path);

// kFieldType: what the field is and what it was given.
Error WrongFieldType(const std::string& path, catalogue::FieldType type, std::string expected,
                     std::string got);

}  // namespace trine::search
