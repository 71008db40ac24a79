#include "search/score/compile.h"

#include "base/check.h"
#include "format/text.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

// The clause in an explanation: a single term as Lucene prints it, anything else in this program's form.
std::string TextOf(const Clause& clause) {
  const auto* term = clause.As<TermClause>();
  return term != nullptr && term->terms.size() == 1 ? term->field + ":" + term->terms.front()
                                                    : ToText(clause);
}

class Compiler {
 public:
  Compiler(CollectionStatistics& statistics, QueryContext& context)
      : statistics_(statistics), context_(context) {}

  PlanPtr Visit(const Clause& clause, float outer_boost, bool scoring) {
    const float boost = clause.boost * outer_boost;
    if (const auto* term = clause.As<TermClause>()) {
      return std::make_unique<TermPlan>(*term, boost, scoring, statistics_);
    }
    if (const auto* phrase = clause.As<PhraseClause>()) {
      return std::make_unique<PhrasePlan>(*phrase, boost, scoring, statistics_);
    }
    if (const auto* c = clause.As<BooleanClause>()) {
      return std::make_unique<BooleanPlan>(All(c->must, boost, scoring), All(c->filter, boost, false),
                                           All(c->should, boost, scoring), All(c->must_not, boost, false),
                                           c->at_least, scoring);
    }
    if (const auto* best = clause.As<DisjunctionMaxClause>()) {
      return std::make_unique<DisjunctionMaxPlan>(All(best->clauses, boost, scoring), best->tie_breaker,
                                                  scoring);
    }
    if (const auto* constant = clause.As<ConstantScoreClause>())
      return VisitConstant(*constant, boost, scoring);
    if (const auto* functions = clause.As<FunctionScoreClause>()) {
      TRINE_CHECK_EQ(functions->filters.size(), functions->spec.functions.size());
      std::vector<PlanPtr> filters;
      for (const ClausePtr& filter : functions->filters) {
        filters.push_back(filter == nullptr ? nullptr : Visit(*filter, 1, false));
      }
      return std::make_unique<FunctionScorePlan>(*functions, Visit(*functions->inner, boost, true),
                                                 std::move(filters), scoring);
    }
    if (const auto* nearest = clause.As<NearestClause>()) {
      const PlanPtr filter = nearest->filter == nullptr ? nullptr : Visit(*nearest->filter, 1, false);
      return std::make_unique<ListPlan>(
          "nearest to the vector in " + nearest->field,
          FindNearest(*nearest, boost, filter.get(), statistics_.reader(), context_), scoring);
    }
    if (const auto* ready = clause.As<ScoredIdsClause>()) {
      return std::make_unique<ListPlan>("candidates of " + ready->label,
                                        FindScoredIds(*ready, boost, statistics_.reader()), scoring);
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

  PlanPtr VisitConstant(const ConstantScoreClause& constant, float boost, bool scoring) {
    // Counts as its inner plan does, which often knows the number of its rows.
    class ConstantScorePlan final : public ConstantPlan {
     public:
      ConstantScorePlan(std::shared_ptr<const Plan> inner, std::string text, float score, bool scoring,
                        Opener open)
          : ConstantPlan(std::move(text), score, scoring, std::move(open)), inner_(std::move(inner)) {}
      std::optional<uint64_t> Count(const index::SegmentReader& segment, size_t ordinal) const override {
        return inner_->Count(segment, ordinal);
      }
      uint64_t CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const override {
        return inner_->CountAtLeast(segment, ordinal);
      }

     private:
      const std::shared_ptr<const Plan> inner_;
    };
    std::shared_ptr<const Plan> inner = Visit(*constant.inner, 1, false);
    // A cursor over the rows of another cursor, all with the same score.
    class Rescored final : public Cursor {
     public:
      Rescored(CursorPtr cursor, float score) : cursor_(std::move(cursor)), score_(score) {
        row_ = cursor_->row();
      }
      Row Next() override { return row_ = cursor_->Next(); }
      Row Advance(Row target) override { return row_ = cursor_->Advance(target); }
      float Score() override { return score_; }
      uint64_t cost() const override { return cursor_->cost(); }
      bool random_access() const override { return cursor_->random_access(); }
      bool Matches(Row row) override { return cursor_->Matches(row); }

     private:
      const CursorPtr cursor_;
      const float score_;
    };
    return std::make_unique<ConstantScorePlan>(
        inner,
        "ConstantScore(" + TextOf(*constant.inner) + ")" + (boost == 1 ? "" : "^" + format::JavaFloat(boost)),
        boost, scoring, [inner](const SegmentContext& segment, float score) -> CursorPtr {
          CursorPtr cursor = inner->Open(segment);
          if (cursor == nullptr) return nullptr;
          return std::make_unique<Rescored>(std::move(cursor), score);
        });
  }

  CollectionStatistics& statistics_;
  QueryContext& context_;
};

}  // namespace

Result<PlanPtr> Compile(const ClausePtr& clause, CollectionStatistics& statistics, bool scoring,
                        QueryContext& context) {
  TRINE_CHECK(clause != nullptr);
  return Compiler(statistics, context).Visit(*clause, 1, scoring);
}

}  // namespace trine::search
