// RowFilter: decides which rows of an import are left out.
#pragma once

#include <utility>
#include <vector>

#include "base/result.h"
#include "operations/import/column_plan.h"
#include "operations/import/import_options.h"
#include "operations/import/row_reader.h"

namespace trine::operations {

// Immutable; thread-safe. The conditions must outlive it.
class RowFilter {
 public:
  // kMissingColumn if the file lacks the column of a condition.
  static Result<RowFilter> Make(const std::vector<RowCondition>& conditions, const ColumnPlan& plan);
  // Whether the row meets all conditions. Blanks around a cell are ignored; a missing value is empty.
  bool Selects(const RawRow& row) const;

 private:
  std::vector<std::pair<ColumnSource, const RowCondition*>> conditions_;
};

}  // namespace trine::operations
