// The kinds of plan nodes, made by Compile (plan.cc). Private to score.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "search/cursor/rows.h"
#include "search/query/clause.h"
#include "search/score/plan.h"

namespace trine::search {

Explanation Matched(float value, std::string description, std::vector<Explanation> details = {});
Explanation NotMatched(std::string description, std::vector<Explanation> details = {});

// Rows that all score the same: ranges, sets, all rows.
class ConstantPlan : public Plan {
 public:
  using Opener = std::function<CursorPtr(const Opening& at, float score)>;
  ConstantPlan(std::string text, float score, bool scoring, Opener open)
      : Plan(scoring), text_(std::move(text)), score_(score), open_(std::move(open)) {}
  CursorPtr Open(const Opening& at) const override { return open_(at, score_); }
  BatchSourcePtr OpenBatches(const Opening& at) const override {
    return BatchesOf(Open(at), scoring_, score_);
  }
  Explanation Explain(const Opening& at, Row row) const override;

 private:
  const std::string text_;
  const float score_;
  const Opener open_;
};

// Rows and scores found beforehand, one list a segment, ascending.
using RowLists = std::vector<std::vector<ScoredRow>>;
class ListPlan final : public Plan {
 public:
  ListPlan(std::string text, RowLists lists, bool scoring)
      : Plan(scoring), text_(std::move(text)), lists_(std::move(lists)) {}
  CursorPtr Open(const Opening& at) const override;
  Explanation Explain(const Opening& at, Row row) const override;

 private:
  const std::string text_;
  const RowLists lists_;
};

// One term, or alternatives that count as one.
class TermPlan final : public Plan {
 public:
  TermPlan(const TermClause& clause, float boost, bool scoring, Statistics& statistics);
  CursorPtr Open(const Opening& at) const override;
  BatchSourcePtr OpenBatches(const Opening& at) const override;
  std::optional<uint64_t> Count(const index::SegmentReader& segment, size_t ordinal) const override;
  Explanation Explain(const Opening& at, Row row) const override;
  // The single term's postings for block-wise reading. nullopt: not there, or several terms.
  std::optional<ScoredTerm> Scored(const Opening& at) const;
  bool is_single() const { return terms_.size() == 1; }
  uint64_t RowsIn(size_t ordinal) const;

 private:
  const std::string field_;
  const std::vector<std::string> words_;
  const bool frequencies_;
  const float boost_;
  std::vector<TermEverywhere> terms_;  // those of words_ that exist somewhere
  uint64_t rows_with_term_ = 0;        // the largest of terms_: what idf is made of
  FieldStats field_stats_;
  std::optional<Bm25> bm25_;  // nullopt: no row has the field or the terms
};

class PhrasePlan final : public Plan {
 public:
  PhrasePlan(const PhraseClause& clause, float boost, bool scoring, Statistics& statistics);
  CursorPtr Open(const Opening& at) const override;
  Explanation Explain(const Opening& at, Row row) const override;

 private:
  const PhraseClause clause_;
  const float boost_;
  std::vector<std::vector<TermEverywhere>> terms_;  // by position, then alternative
  std::vector<std::vector<uint32_t>> term_ids_;     // likewise
  float idf_ = 0;
  FieldStats field_stats_;
  std::optional<Bm25> bm25_;
};

// The explanation of a BM25 score of `frequency` in a row of that norm.
Explanation ExplainBm25(const Bm25& bm25, float frequency, uint8_t norm, float boost, Explanation idf,
                        const FieldStats& stats);
Explanation ExplainIdf(float idf, uint64_t rows_with_term, uint64_t rows);

class CombinationPlan final : public Plan {
 public:
  CombinationPlan(std::vector<PlanPtr> must, std::vector<PlanPtr> filter, std::vector<PlanPtr> should,
                  std::vector<PlanPtr> must_not, int at_least, bool scoring)
      : Plan(scoring),
        must_(std::move(must)),
        filter_(std::move(filter)),
        should_(std::move(should)),
        must_not_(std::move(must_not)),
        at_least_(at_least) {}
  CursorPtr Open(const Opening& at) const override;
  BatchSourcePtr OpenBatches(const Opening& at) const override;
  uint64_t CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const override;
  Explanation Explain(const Opening& at, Row row) const override;

 private:
  bool Required(const Opening& at, CursorPtr* required) const;
  CursorPtr Excluded(const Opening& at) const;
  // Of a query whose scores come from terms alone: their block-wise source, filtered. nullptr: it is not
  // such a query, or its filter is so narrow that it should lead.
  BatchSourcePtr TermsFirst(const Opening& at) const;

  const std::vector<PlanPtr> must_, filter_, should_, must_not_;
  const int at_least_;
};

class BestPlan final : public Plan {
 public:
  BestPlan(std::vector<PlanPtr> plans, float tie_breaker, bool scoring)
      : Plan(scoring), plans_(std::move(plans)), tie_breaker_(tie_breaker) {}
  CursorPtr Open(const Opening& at) const override;
  Explanation Explain(const Opening& at, Row row) const override;

 private:
  const std::vector<PlanPtr> plans_;
  const float tie_breaker_;
};

class FunctionsPlan final : public Plan {
 public:
  FunctionsPlan(const Functions& clause, PlanPtr inner, std::vector<PlanPtr> filters, bool scoring)
      : Plan(scoring), spec_(clause.spec), inner_(std::move(inner)), filters_(std::move(filters)) {}
  CursorPtr Open(const Opening& at) const override;
  Explanation Explain(const Opening& at, Row row) const override;

 private:
  const FunctionScore spec_;
  const PlanPtr inner_;
  const std::vector<PlanPtr> filters_;  // nullptr: every row
};

// The nearest rows of a vector field with their scores, exactly. `filter` may be nullptr.
RowLists FindNearest(const Nearest& clause, float boost, const Plan* filter, const index::IndexReader& reader,
                     Run& run);

// Constant plans for the clauses on single values.
PlanPtr CompileValues(const Clause& clause, float boost, bool scoring, Statistics& statistics);

}  // namespace trine::search
