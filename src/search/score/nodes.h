// The kinds of plans. Private to score: Compile (compile.cc) creates them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "search/cursor/rows.h"
#include "search/query/clause.h"
#include "search/score/explanation.h"
#include "search/score/plan.h"
#include "search/score/statistics.h"

namespace trine::search {

// Rows that all have the same score: ranges, sets, all rows.
class ConstantPlan : public Plan {
 public:
  using Opener = std::function<CursorPtr(const SegmentContext& segment, float score)>;
  ConstantPlan(std::string text, float score, bool scoring, Opener open)
      : Plan(scoring), text_(std::move(text)), score_(score), open_(std::move(open)) {}
  CursorPtr Open(const SegmentContext& segment) const override { return open_(segment, score_); }
  BatchSourcePtr OpenBatches(const SegmentContext& segment) const override {
    return BatchesFromCursor(Open(segment), scoring_, score_);
  }
  Explanation Explain(const SegmentContext& segment, Row row) const override;

 private:
  const std::string text_;
  const float score_;
  const Opener open_;
};

// Rows with scores that are known at compilation: one list per segment, in ascending order of rows.
using RowLists = std::vector<std::vector<ScoredRow>>;
class ListPlan final : public Plan {
 public:
  ListPlan(std::string text, RowLists lists, bool scoring)
      : Plan(scoring), text_(std::move(text)), lists_(std::move(lists)) {}
  CursorPtr Open(const SegmentContext& segment) const override;
  Explanation Explain(const SegmentContext& segment, Row row) const override;

 private:
  const std::string text_;
  const RowLists lists_;
};

// One term, or several alternatives that count as one term.
class TermPlan final : public Plan {
 public:
  TermPlan(const TermClause& clause, float boost, bool scoring, CollectionStatistics& statistics);
  CursorPtr Open(const SegmentContext& segment) const override;
  BatchSourcePtr OpenBatches(const SegmentContext& segment) const override;
  std::optional<uint64_t> Count(const index::SegmentReader& segment, size_t ordinal) const override;
  Explanation Explain(const SegmentContext& segment, Row row) const override;
  // Opens the postings of a single term for reading in blocks. Returns nullopt if the segment does not have
  // the term, or if the plan has several terms or does not score.
  std::optional<ScoredTerm> OpenScored(const SegmentContext& segment) const;
  // Whether exactly one of the terms exists in the collection.
  bool is_single() const { return terms_.size() == 1; }
  // Returns the number of postings in the segment with this ordinal.
  uint64_t RowsIn(size_t ordinal) const;

 private:
  const std::string field_;
  const std::vector<std::string> words_;
  const bool frequencies_;
  const float boost_;
  std::vector<TermStatistics> terms_;  // the words_ that exist in the collection
  uint64_t rows_with_term_ = 0;        // the largest row count in terms_; idf is computed from it
  FieldStatistics field_stats_;
  std::optional<Bm25> bm25_;  // nullopt: unscored, or no row has any of the terms
};

class PhrasePlan final : public Plan {
 public:
  PhrasePlan(const PhraseClause& clause, float boost, bool scoring, CollectionStatistics& statistics);
  CursorPtr Open(const SegmentContext& segment) const override;
  Explanation Explain(const SegmentContext& segment, Row row) const override;

 private:
  const PhraseClause clause_;
  const float boost_;
  std::vector<std::vector<TermStatistics>> terms_;  // by position, then alternative
  std::vector<std::vector<uint32_t>> term_ids_;     // likewise
  float idf_ = 0;
  FieldStatistics field_stats_;
  std::optional<Bm25> bm25_;
};

// Explains the BM25 score of a term with this frequency in a row with this norm.
Explanation ExplainBm25(const Bm25& bm25, float frequency, uint8_t norm, float boost, Explanation idf,
                        const FieldStatistics& stats);
Explanation ExplainIdf(float idf, uint64_t rows_with_term, uint64_t rows);

class BooleanPlan final : public Plan {
 public:
  BooleanPlan(std::vector<PlanPtr> must, std::vector<PlanPtr> filter, std::vector<PlanPtr> should,
              std::vector<PlanPtr> must_not, int at_least, bool scoring)
      : Plan(scoring),
        must_(std::move(must)),
        filter_(std::move(filter)),
        should_(std::move(should)),
        must_not_(std::move(must_not)),
        at_least_(at_least) {}
  CursorPtr Open(const SegmentContext& segment) const override;
  BatchSourcePtr OpenBatches(const SegmentContext& segment) const override;
  uint64_t CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const override;
  Explanation Explain(const SegmentContext& segment, Row row) const override;

 private:
  bool Required(const SegmentContext& segment, CursorPtr* required) const;
  CursorPtr Excluded(const SegmentContext& segment) const;
  // Opens a query whose scores come only from single terms: reads these in blocks, with pruning, and filters
  // the rows. Returns nullptr if the query has another form, or if its filter is so selective that reading
  // the filter first is cheaper.
  BatchSourcePtr OpenTermBatches(const SegmentContext& segment) const;

  const std::vector<PlanPtr> must_, filter_, should_, must_not_;
  const int at_least_;
};

class DisjunctionMaxPlan final : public Plan {
 public:
  DisjunctionMaxPlan(std::vector<PlanPtr> plans, float tie_breaker, bool scoring)
      : Plan(scoring), plans_(std::move(plans)), tie_breaker_(tie_breaker) {}
  CursorPtr Open(const SegmentContext& segment) const override;
  Explanation Explain(const SegmentContext& segment, Row row) const override;

 private:
  const std::vector<PlanPtr> plans_;
  const float tie_breaker_;
};

class FunctionScorePlan final : public Plan {
 public:
  FunctionScorePlan(const FunctionScoreClause& clause, PlanPtr inner, std::vector<PlanPtr> filters,
                    bool scoring)
      : Plan(scoring), spec_(clause.spec), inner_(std::move(inner)), filters_(std::move(filters)) {}
  CursorPtr Open(const SegmentContext& segment) const override;
  Explanation Explain(const SegmentContext& segment, Row row) const override;

 private:
  const FunctionScore spec_;
  const PlanPtr inner_;
  const std::vector<PlanPtr> filters_;  // one per function; nullptr: every row
};

// Returns the rows of `ready.ids` with their scores times `boost`.
RowLists FindScoredIds(const ScoredIdsClause& ready, float boost, const index::IndexReader& reader);
// Finds the nearest rows of a vector field by exact scan, with their scores times `boost`. `filter` can be
// nullptr. At the deadline of `context`, returns the rows found until then.
RowLists FindNearest(const NearestClause& clause, float boost, const Plan* filter,
                     const index::IndexReader& reader, QueryContext& context);

// Compiles a clause on single values into a constant plan.
PlanPtr CompileValues(const Clause& clause, float boost, bool scoring, CollectionStatistics& statistics);

}  // namespace trine::search
