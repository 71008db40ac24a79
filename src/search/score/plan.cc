#include "search/score/plan.h"

#include <algorithm>

#include "search/score/nodes.h"

namespace trine::search {

BatchSourcePtr Plan::OpenBatches(const Opening& at) const { return BatchesOf(Open(at), scoring_); }
std::optional<uint64_t> Plan::Count(const index::SegmentReader&, size_t) const { return std::nullopt; }
uint64_t Plan::CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const {
  return Count(segment, ordinal).value_or(0);
}

Explanation Matched(float value, std::string description, std::vector<Explanation> details) {
  return Explanation{value, std::move(description), std::move(details), true};
}
Explanation NotMatched(std::string description, std::vector<Explanation> details) {
  return Explanation{0, std::move(description), std::move(details), false};
}

namespace {

bool Stands(const CursorPtr& cursor, Row row) { return cursor != nullptr && cursor->Advance(row) == row; }

class Compiler {
 public:
  Compiler(Statistics& statistics, Run& run) : statistics_(statistics), run_(run) {}

  PlanPtr Visit(const Clause& clause, float outer_boost, bool scoring) {
    const float boost = clause.boost * outer_boost;
    if (const auto* term = clause.As<TermClause>()) {
      return std::make_unique<TermPlan>(*term, boost, scoring, statistics_);
    }
    if (const auto* phrase = clause.As<PhraseClause>()) {
      return std::make_unique<PhrasePlan>(*phrase, boost, scoring, statistics_);
    }
    if (const auto* c = clause.As<Combination>()) {
      return std::make_unique<CombinationPlan>(All(c->must, boost, scoring), All(c->filter, boost, false),
                                               All(c->should, boost, scoring), All(c->must_not, boost, false),
                                               c->at_least, scoring);
    }
    if (const auto* best = clause.As<Best>()) {
      return std::make_unique<BestPlan>(All(best->clauses, boost, scoring), best->tie_breaker, scoring);
    }
    if (const auto* constant = clause.As<Constant>()) return VisitConstant(clause, *constant, boost, scoring);
    if (const auto* functions = clause.As<Functions>()) {
      std::vector<PlanPtr> filters;
      for (const ClausePtr& filter : functions->filters) {
        filters.push_back(filter == nullptr ? nullptr : Visit(*filter, 1, false));
      }
      return std::make_unique<FunctionsPlan>(*functions, Visit(*functions->inner, boost, true),
                                             std::move(filters), scoring);
    }
    if (const auto* nearest = clause.As<Nearest>()) {
      const PlanPtr filter = nearest->filter == nullptr ? nullptr : Visit(*nearest->filter, 1, false);
      return std::make_unique<ListPlan>(
          "nearest to the vector in " + nearest->field,
          FindNearest(*nearest, boost, filter.get(), statistics_.reader(), run_), scoring);
    }
    if (const auto* ready = clause.As<ReadyScores>()) {
      return std::make_unique<ListPlan>("candidates of " + ready->label, FindRows(*ready, boost), scoring);
    }
    return CompileValues(clause, boost, scoring, statistics_);
  }

 private:
  std::vector<PlanPtr> All(const std::vector<ClausePtr>& clauses, float boost, bool scoring) {
    std::vector<PlanPtr> plans;
    plans.reserve(clauses.size());
    for (const ClausePtr& clause : clauses) plans.push_back(Visit(*clause, boost, scoring));
    return plans;
  }

  PlanPtr VisitConstant(const Clause& clause, const Constant& constant, float boost, bool scoring) {
    std::shared_ptr<const Plan> inner = Visit(*constant.inner, 1, false);
    // The rows of `inner` with another score: its cursor, looked at through one that knows the score.
    class Rescored final : public Cursor {
     public:
      Rescored(CursorPtr cursor, float score) : cursor_(std::move(cursor)), score_(score) {
        row_ = cursor_->row();
      }
      Row Next() override { return row_ = cursor_->Next(); }
      Row Advance(Row target) override { return row_ = cursor_->Advance(target); }
      float Score() override { return score_; }
      uint64_t cost() const override { return cursor_->cost(); }
      bool tests() const override { return cursor_->tests(); }
      bool Test(Row row) override { return cursor_->Test(row); }

     private:
      const CursorPtr cursor_;
      const float score_;
    };
    return std::make_unique<ConstantPlan>(
        "ConstantScore(" + ToText(*constant.inner) + ")" + (clause.boost == 1 ? "" : "^"), boost, scoring,
        [inner](const Opening& at, float score) -> CursorPtr {
          CursorPtr cursor = inner->Open(at);
          if (cursor == nullptr) return nullptr;
          return std::make_unique<Rescored>(std::move(cursor), score);
        });
  }

  RowLists FindRows(const ReadyScores& ready, float boost) {
    RowLists lists;
    for (const auto& segment : statistics_.reader().segments()) {
      std::vector<ScoredRow> rows;
      for (const auto& [id, score] : ready.ids) {
        if (const auto row = segment->Find(id)) rows.push_back({*row, score * boost});
      }
      std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
      const auto same = [](const ScoredRow& a, const ScoredRow& b) { return a.row == b.row; };
      rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
      lists.push_back(std::move(rows));
    }
    return lists;
  }

  Statistics& statistics_;
  Run& run_;
};

}  // namespace

Explanation ConstantPlan::Explain(const Opening& at, Row row) const {
  if (Stands(Open(at), row)) return Matched(score_, text_);
  return NotMatched(text_ + " doesn't match id " + std::to_string(row));
}

CursorPtr ListPlan::Open(const Opening& at) const {
  const auto& list = lists_[at.ordinal];
  return list.empty() ? nullptr : std::make_unique<ListCursor>(list);
}

Explanation ListPlan::Explain(const Opening& at, Row row) const {
  const CursorPtr cursor = Open(at);
  if (!Stands(cursor, row)) return NotMatched("not among the " + text_);
  return Matched(cursor->Score(), text_);
}

Result<PlanPtr> Compile(const ClausePtr& clause, Statistics& statistics, bool scoring, Run& run) {
  return Compiler(statistics, run).Visit(*clause, 1, scoring);
}

}  // namespace trine::search
