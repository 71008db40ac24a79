// Plans for boolean and disjunction-max clauses.
#include <algorithm>

#include "format/text.h"
#include "search/cursor/boolean.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

// A filter leads the query if the scored terms have more than this many postings per row of the filter: then
// reading the filter first is cheaper than pruning.
constexpr uint64_t kSelectiveFilterRatio = 8;

// Opens all plans. Returns false if one of them matches no row.
bool OpenAll(const std::vector<PlanPtr>& plans, const SegmentContext& segment,
             std::vector<CursorPtr>* cursors) {
  for (const PlanPtr& plan : plans) {
    CursorPtr cursor = plan->Open(segment);
    if (cursor == nullptr || cursor->row() == kNoMoreRows) return false;
    cursors->push_back(std::move(cursor));
  }
  return true;
}

CursorPtr OpenAny(const std::vector<PlanPtr>& plans, const SegmentContext& segment, int at_least) {
  std::vector<CursorPtr> cursors;
  cursors.reserve(plans.size());
  for (const PlanPtr& plan : plans) cursors.push_back(plan->Open(segment));
  return Disjunction(std::move(cursors), DisjunctionScore::kSum, 0, at_least);
}

}  // namespace

// Sets *required to the conjunction of must and filter; leaves it nullptr if there are none. Returns false if
// no row can match.
bool BooleanPlan::Required(const SegmentContext& segment, CursorPtr* required) const {
  if (must_.empty() && filter_.empty()) return true;
  std::vector<CursorPtr> scoring, filters;
  if (!OpenAll(must_, segment, &scoring) || !OpenAll(filter_, segment, &filters)) return false;
  *required = Conjunction(std::move(scoring), std::move(filters));
  return true;
}

CursorPtr BooleanPlan::Excluded(const SegmentContext& segment) const {
  return OpenAny(must_not_, segment, 1);
}

CursorPtr BooleanPlan::Open(const SegmentContext& segment) const {
  CursorPtr required;
  if (!Required(segment, &required)) return nullptr;
  if (required == nullptr) {
    return AndNot(OpenAny(should_, segment, std::max(at_least_, 1)), Excluded(segment));
  }
  if (should_.empty() || (at_least_ == 0 && !scoring_)) return AndNot(std::move(required), Excluded(segment));
  CursorPtr optional = OpenAny(should_, segment, std::max(at_least_, 1));
  if (at_least_ == 0) {
    return AndMaybe(AndNot(std::move(required), Excluded(segment)), std::move(optional));
  }
  if (optional == nullptr) return nullptr;
  std::vector<CursorPtr> both;
  both.push_back(AndNot(std::move(required), Excluded(segment)));
  both.push_back(std::move(optional));
  return Conjunction(std::move(both), {});
}

BatchSourcePtr BooleanPlan::OpenTermBatches(const SegmentContext& segment) const {
  if (!scoring_) return nullptr;
  const bool any = must_.empty() && !should_.empty() && at_least_ <= 1 && (at_least_ == 1 || filter_.empty());
  const bool one = must_.size() == 1 && should_.empty();
  if (!any && !one) return nullptr;
  const std::vector<PlanPtr>& scored = any ? should_ : must_;
  uint64_t rows = 0;
  for (const PlanPtr& plan : scored) {
    const auto* term = dynamic_cast<const TermPlan*>(plan.get());
    if (term == nullptr || !term->is_single()) return nullptr;
    rows += term->RowsIn(segment.ordinal);
  }
  CursorPtr filter;
  if (!filter_.empty()) {
    std::vector<CursorPtr> filters;
    if (!OpenAll(filter_, segment, &filters)) return BatchesFromCursor(nullptr, true);
    uint64_t narrowest = kNoMoreRows;
    for (const CursorPtr& f : filters) narrowest = std::min(narrowest, f->cost());
    if (narrowest < rows / kSelectiveFilterRatio) return nullptr;
    filter = filters.size() == 1 ? std::move(filters.front()) : Conjunction({}, std::move(filters));
  }
  std::vector<ScoredTerm> terms;
  for (const PlanPtr& plan : scored) {
    if (auto term = static_cast<const TermPlan*>(plan.get())->OpenScored(segment))
      terms.push_back(std::move(*term));
  }
  if (terms.empty()) return BatchesFromCursor(nullptr, true);
  return FilteredBatches(TermBatches(std::move(terms)), std::move(filter), Excluded(segment));
}

BatchSourcePtr BooleanPlan::OpenBatches(const SegmentContext& segment) const {
  if (BatchSourcePtr source = OpenTermBatches(segment)) return source;
  return BatchesFromCursor(Open(segment), scoring_);
}

uint64_t BooleanPlan::CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const {
  if (!must_.empty() || !filter_.empty() || !must_not_.empty() || at_least_ > 1) return 0;
  uint64_t most = 0;
  for (const PlanPtr& plan : should_) most = std::max(most, plan->CountAtLeast(segment, ordinal));
  return most;
}

Explanation BooleanPlan::Explain(const SegmentContext& segment, Row row) const {
  std::vector<Explanation> parts;
  double required = 0, optional = 0;
  for (const PlanPtr& plan : must_) {
    Explanation e = plan->Explain(segment, row);
    if (!e.match) return NotMatched("no match on required clause", {std::move(e)});
    required += static_cast<double>(e.value);
    parts.push_back(std::move(e));
  }
  for (const PlanPtr& plan : filter_) {
    Explanation e = plan->Explain(segment, row);
    if (!e.match) return NotMatched("no match on required clause", {std::move(e)});
    parts.push_back(
        Matched(0, "match on required clause, product of:", {Matched(0, "# clause"), std::move(e)}));
  }
  for (const PlanPtr& plan : must_not_) {
    Explanation e = plan->Explain(segment, row);
    if (e.match) return NotMatched("match on prohibited clause", {std::move(e)});
  }
  int matching = 0;
  for (const PlanPtr& plan : should_) {
    Explanation e = plan->Explain(segment, row);
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

CursorPtr DisjunctionMaxPlan::Open(const SegmentContext& segment) const {
  std::vector<CursorPtr> cursors;
  for (const PlanPtr& plan : plans_) cursors.push_back(plan->Open(segment));
  return Disjunction(std::move(cursors), DisjunctionScore::kMax, tie_breaker_, 1);
}

Explanation DisjunctionMaxPlan::Explain(const SegmentContext& segment, Row row) const {
  double best = 0, others = 0;
  std::vector<Explanation> matching, failing;
  for (const PlanPtr& plan : plans_) {
    Explanation e = plan->Explain(segment, row);
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
