#include "search/prepare.h"

#include <algorithm>

#include "base/check.h"

namespace trine::search {

QueryPtr Filtered(const QueryPtr& query, std::vector<QueryPtr> filters) {
  std::erase(filters, nullptr);
  if (filters.empty()) return query;
  Bool all;
  all.must.push_back(query == nullptr ? MakeQuery(MatchAll{}) : query);
  all.filter = std::move(filters);
  return MakeQuery(std::move(all));
}

QueryPtr WithCommonFilter(const QueryPtr& query, const QueryPtr& filter) {
  if (filter == nullptr) return query;
  const auto* knn = query == nullptr ? nullptr : std::get_if<Knn>(&query->node);
  if (knn == nullptr) return Filtered(query, {filter});
  Knn limited = *knn;
  limited.filter = filter;
  if (knn->filter != nullptr) {
    Bool both;
    both.filter = {knn->filter, filter};
    limited.filter = MakeQuery(std::move(both));
  }
  auto copy = std::make_shared<Query>(*query);
  copy->node = std::move(limited);
  return copy;
}

Result<PreparedQuery> PreparedTarget::Prepare(const QueryPtr& query, const std::vector<QueryPtr>& filters,
                                              bool scoring, QueryContext& context) {
  std::vector<QueryPtr> all = filters;
  all.push_back(target_.alias_filter);
  TRINE_ASSIGN(LoweredQuery lowered, Lower(Filtered(query, std::move(all)), schema_));
  PreparedQuery out;
  out.named = std::move(lowered.named);
  out.clause = Rewrite(lowered.clause, scoring, nullptr);
  TRINE_ASSIGN(out.plan, Compile(out.clause, statistics_, scoring, context));
  return out;
}

Result<PlanPtr> PreparedTarget::PlanOfName(const ClausePtr& clause, QueryContext& context) {
  return Compile(Rewrite(clause, false, nullptr), statistics_, false, context);
}

Result<std::vector<std::string>> PreparedTarget::MatchedNames(const PreparedQuery& query,
                                                              const RowLocation& at, QueryContext& context) {
  TRINE_CHECK_LT(at.segment, target_.reader->segments().size());
  std::vector<std::string> names;
  const SegmentContext segment{*target_.reader->segments()[at.segment], at.segment, context};
  for (const auto& [name, clause] : query.named) {
    auto known = std::find_if(named_plans_.begin(), named_plans_.end(),
                              [&c = clause](const auto& entry) { return entry.first == c; });
    if (known == named_plans_.end()) {
      TRINE_ASSIGN(PlanPtr plan, PlanOfName(clause, context));
      known = named_plans_.emplace(named_plans_.end(), clause, std::move(plan));
    }
    const CursorPtr cursor = known->second->Open(segment);
    if (cursor != nullptr && cursor->Advance(at.row) == at.row) names.push_back(name);
  }
  return names;
}

}  // namespace trine::search
