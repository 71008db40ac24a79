// Mapping plan: a mapping prepared for indexing. The path, analyzer and date format of every field are
// resolved once, so that mapping a document needs only name look-ups.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/analyzer.h"
#include "base/hash.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/date_format.h"

namespace trine::operations {

// One field of a plan. Immutable after Planner returns it; borrows the catalogue::Field.
struct PlannedField {
  const catalogue::Field* field = nullptr;                 // nullptr: the root object
  std::string path;                                        // dotted; empty: the root
  catalogue::Dynamic dynamic = catalogue::Dynamic::kTrue;  // objects: own setting, else the parent's
  std::shared_ptr<const analysis::Analyzer> analyzer;      // for text, or for keyword with a normalizer
  std::optional<format::DateFormat> date;
  std::optional<Error> broken;  // why no value can be indexed: the definition of the field cannot be used
  size_t ordinal = 0;           // leaves: a number from 0, unique in the plan
  std::vector<std::unique_ptr<PlannedField>> children;  // objects
  std::unordered_map<std::string_view, const PlannedField*, StringHash, std::equal_to<>> by_name;
  std::vector<std::unique_ptr<PlannedField>> multi;  // multi-fields

  bool is_object() const { return field == nullptr || field->type == catalogue::FieldType::kObject; }
  const PlannedField* Child(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  }
};

// Plans the fields of one collection. Not thread-safe. `collection` and `analyzers` must outlive the plan.
class Planner {
 public:
  Planner(const catalogue::Collection& collection, const analysis::Analyzers& analyzers)
      : collection_(collection), analyzers_(analyzers) {}
  Result<std::unique_ptr<PlannedField>> PlanRoot();
  // Plans a field and its sub-fields as a child of `parent`. `field` must outlive the result.
  Result<std::unique_ptr<PlannedField>> Plan(const catalogue::Field& field, const PlannedField& parent);
  // The number of leaves planned so far, which is the ordinal of the next one. StartAt continues the
  // numbering of a finished plan.
  size_t leaves() const { return leaves_; }
  void StartAt(size_t first) { leaves_ = first; }

 private:
  Status PlanLeaf(const catalogue::Field& field, PlannedField* planned);
  const catalogue::Collection& collection_;
  const analysis::Analyzers& analyzers_;
  size_t leaves_ = 0;
};

}  // namespace trine::operations
