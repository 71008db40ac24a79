// Plans of combinations: must, filter, should, must_not, and the best of several.
#include <algorithm>

#include "format/text.h"
#include "search/cursor/boolean.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

// Opens all; false when one has no rows.
bool OpenAll(const std::vector<PlanPtr>& plans, const Opening& at, std::vector<CursorPtr>* cursors) {
  for (const PlanPtr& plan : plans) {
    CursorPtr cursor = plan->Open(at);
    if (cursor == nullptr || cursor->row() == kNoMoreRows) return false;
    cursors->push_back(std::move(cursor));
  }
  return true;
}

CursorPtr OpenAny(const std::vector<PlanPtr>& plans, const Opening& at, int at_least) {
  std::vector<CursorPtr> cursors;
  cursors.reserve(plans.size());
  for (const PlanPtr& plan : plans) cursors.push_back(plan->Open(at));
  return AnyOf(std::move(cursors), Join::kSum, 0, at_least);
}

}  // namespace

// The conjunction of must and filter, if there are any; false when it has no rows.
bool CombinationPlan::Required(const Opening& at, CursorPtr* required) const {
  if (must_.empty() && filter_.empty()) return true;
  std::vector<CursorPtr> scoring, filters;
  if (!OpenAll(must_, at, &scoring) || !OpenAll(filter_, at, &filters)) return false;
  *required = AllOf(std::move(scoring), std::move(filters));
  return true;
}

CursorPtr CombinationPlan::Excluded(const Opening& at) const { return OpenAny(must_not_, at, 1); }

CursorPtr CombinationPlan::Open(const Opening& at) const {
  CursorPtr required;
  if (!Required(at, &required)) return nullptr;
  if (required == nullptr) {
    return AndNot(OpenAny(should_, at, std::max(at_least_, 1)), Excluded(at));
  }
  if (should_.empty() || (at_least_ == 0 && !scoring_)) return AndNot(std::move(required), Excluded(at));
  CursorPtr optional = OpenAny(should_, at, std::max(at_least_, 1));
  if (at_least_ == 0) {
    return AndMaybe(AndNot(std::move(required), Excluded(at)), std::move(optional));
  }
  if (optional == nullptr) return nullptr;
  std::vector<CursorPtr> both;
  both.push_back(AndNot(std::move(required), Excluded(at)));
  both.push_back(std::move(optional));
  return AllOf(std::move(both), {});
}

BatchSourcePtr CombinationPlan::TermsFirst(const Opening& at) const {
  if (!scoring_) return nullptr;
  const bool any = must_.empty() && !should_.empty() && at_least_ <= 1 && (at_least_ == 1 || filter_.empty());
  const bool one = must_.size() == 1 && should_.empty();
  if (!any && !one) return nullptr;
  const std::vector<PlanPtr>& scored = any ? should_ : must_;
  uint64_t rows = 0;
  for (const PlanPtr& plan : scored) {
    const auto* term = dynamic_cast<const TermPlan*>(plan.get());
    if (term == nullptr || !term->is_single()) return nullptr;
    rows += term->RowsIn(at.ordinal);
  }
  CursorPtr filter;
  if (!filter_.empty()) {
    std::vector<CursorPtr> filters;
    if (!OpenAll(filter_, at, &filters)) return BatchesOf(nullptr, true);
    uint64_t narrowest = kNoMoreRows;
    for (const CursorPtr& f : filters) narrowest = std::min(narrowest, f->cost());
    if (narrowest < rows / 8) return nullptr;
    filter = filters.size() == 1 ? std::move(filters.front()) : AllOf({}, std::move(filters));
  }
  std::vector<ScoredTerm> terms;
  for (const PlanPtr& plan : scored) {
    if (auto term = static_cast<const TermPlan*>(plan.get())->Scored(at)) terms.push_back(std::move(*term));
  }
  if (terms.empty()) return BatchesOf(nullptr, true);
  return FilteredBatches(TermBatches(std::move(terms)), std::move(filter), Excluded(at));
}

BatchSourcePtr CombinationPlan::OpenBatches(const Opening& at) const {
  if (BatchSourcePtr source = TermsFirst(at)) return source;
  return BatchesOf(Open(at), scoring_);
}

uint64_t CombinationPlan::CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const {
  if (!must_.empty() || !filter_.empty() || !must_not_.empty() || at_least_ > 1) return 0;
  uint64_t most = 0;
  for (const PlanPtr& plan : should_) most = std::max(most, plan->CountAtLeast(segment, ordinal));
  return most;
}

Explanation CombinationPlan::Explain(const Opening& at, Row row) const {
  std::vector<Explanation> parts;
  double required = 0, optional = 0;
  for (const PlanPtr& plan : must_) {
    Explanation e = plan->Explain(at, row);
    if (!e.match) return NotMatched("no match on required clause", {std::move(e)});
    required += static_cast<double>(e.value);
    parts.push_back(std::move(e));
  }
  for (const PlanPtr& plan : filter_) {
    Explanation e = plan->Explain(at, row);
    if (!e.match) return NotMatched("no match on required clause", {std::move(e)});
    parts.push_back(
        Matched(0, "match on required clause, product of:", {Matched(0, "# clause"), std::move(e)}));
  }
  for (const PlanPtr& plan : must_not_) {
    Explanation e = plan->Explain(at, row);
    if (e.match) return NotMatched("match on prohibited clause", {std::move(e)});
  }
  int matching = 0;
  for (const PlanPtr& plan : should_) {
    Explanation e = plan->Explain(at, row);
    if (!e.match) continue;
    ++matching;
    optional += static_cast<double>(e.value);
    parts.push_back(std::move(e));
  }
  const int wanted = must_.empty() && filter_.empty() ? std::max(at_least_, 1) : at_least_;
  if (matching < wanted) {
    return NotMatched("Failure to match minimum number of optional clauses: " + std::to_string(wanted), {});
  }
  float value = static_cast<float>(required);
  if (matching > 0) value += static_cast<float>(optional);
  return Matched(scoring_ ? value : 0, "sum of:", std::move(parts));
}

CursorPtr BestPlan::Open(const Opening& at) const {
  std::vector<CursorPtr> cursors;
  for (const PlanPtr& plan : plans_) cursors.push_back(plan->Open(at));
  return AnyOf(std::move(cursors), Join::kBest, tie_breaker_, 1);
}

Explanation BestPlan::Explain(const Opening& at, Row row) const {
  double best = 0, others = 0;
  std::vector<Explanation> matching, failing;
  for (const PlanPtr& plan : plans_) {
    Explanation e = plan->Explain(at, row);
    if (!e.match) {
      failing.push_back(std::move(e));
      continue;
    }
    const double score = static_cast<double>(e.value);
    others += std::min(best, score);
    best = std::max(best, score);
    matching.push_back(std::move(e));
  }
  if (matching.empty()) return NotMatched("No matching clause", std::move(failing));
  const float value = static_cast<float>(best + others * static_cast<double>(tie_breaker_));
  return Matched(
      value,
      tie_breaker_ == 0 ? "max of:" : "max plus " + format::JavaFloat(tie_breaker_) + " times others of:",
      std::move(matching));
}

}  // namespace trine::search
