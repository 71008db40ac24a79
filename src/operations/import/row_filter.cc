#include "operations/import/row_filter.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"

namespace trine::operations {
namespace {

bool Matches(std::string_view cell, std::string_view value) {
  if (!value.ends_with('*')) return cell == value;
  value.remove_suffix(1);
  return cell.starts_with(value);
}

}  // namespace

Result<RowFilter> RowFilter::Make(const std::vector<RowCondition>& conditions, const ColumnPlan& plan) {
  RowFilter filter;
  for (const RowCondition& condition : conditions) {
    TRINE_ASSIGN(ColumnSource source, plan.OfFile(condition.column));
    filter.conditions_.emplace_back(std::move(source), &condition);
  }
  return filter;
}

bool RowFilter::Selects(const RawRow& row) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const auto& entry) {
    const std::string text = ColumnPlan::Text(entry.first, row).value_or("");
    const std::string_view cell = Trim(text);
    const std::vector<std::string>& values = entry.second->values;
    const bool any = std::any_of(values.begin(), values.end(),
                                 [&](const std::string& value) { return Matches(cell, value); });
    return any != entry.second->negated;
  });
}

}  // namespace trine::operations
