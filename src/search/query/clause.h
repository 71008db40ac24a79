// Clause: what a query means in one collection: analysed, typed, its fields resolved. The passes
// (passes.h) simplify it, score/plan.h runs it. Immutable once built; shared freely between threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catalogue/mapping.h"
#include "search/query/query.h"

namespace trine::search {

struct Clause;
using ClausePtr = std::shared_ptr<const Clause>;

struct AllRows {};
struct NoRows {
  std::string why;
};
// One term, or alternatives at the same position that count as one term.
struct TermClause {
  std::string field;
  std::vector<std::string> terms;  // never empty
  bool frequencies = true;         // false (keyword): a row counts once
};
struct PhraseClause {
  std::string field;
  std::vector<std::pair<uint32_t, std::vector<std::string>>> positions;  // two or more, ascending
  uint32_t slop = 0;
};
// Rows with any of the terms, unscored.
struct TermSet {
  std::string field;
  std::vector<std::string> terms;  // sorted, unique
};
struct TermRange {
  std::string field;
  std::optional<std::string> lower, upper;
  bool lower_inclusive = true, upper_inclusive = true;
};
struct TermPrefix {
  std::string field, prefix;
  bool any_case = false;  // of ASCII letters; `prefix` is lower case then
  bool whole = false;     // the term has nothing after the prefix
};
// Bounds are inclusive. An integer column is never compared as double.
struct IntegerRange {
  std::string field;
  int64_t lower, upper;
  bool is_term = false;  // a boolean's term: scored like a term of a keyword field
};
struct RealRange {
  std::string field;
  double lower, upper;
};
struct IntegerSet {
  std::string field;
  std::vector<int64_t> values;  // sorted, unique
};
struct RealSet {
  std::string field;
  std::vector<double> values;
};
struct HasField {
  std::string field;
  catalogue::FieldType type;
};
struct RowIds {
  std::vector<std::string> ids;
};
struct Combination {
  std::vector<ClausePtr> must, filter, should, must_not;
  int at_least = 0;  // of `should`; 0 with nothing required means 1
};
// Matches as `inner` does, with score 1 (times boosts).
struct Constant {
  ClausePtr inner;
};
struct Best {
  std::vector<ClausePtr> clauses;
  float tie_breaker = 0;
};
struct Functions {
  ClausePtr inner;
  FunctionScore spec;              // modes, bounds and the functions' numbers
  std::vector<ClausePtr> filters;  // one per function; nullptr: every row
};
struct Nearest {
  std::string field;
  catalogue::VectorSpace space;
  std::vector<float> vector;
  size_t k = 0;
  std::optional<float> min_score, max_distance;
  ClausePtr filter;  // nullptr: none
};
struct ReadyScores {
  std::vector<std::pair<std::string, float>> ids;
  std::string label;
};

struct Clause {
  using Node = std::variant<AllRows, NoRows, TermClause, PhraseClause, TermSet, TermRange, TermPrefix,
                            IntegerRange, RealRange, IntegerSet, RealSet, HasField, RowIds, Combination,
                            Constant, Best, Functions, Nearest, ReadyScores>;
  Node node;
  float boost = 1;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

template <typename T>
ClausePtr MakeClause(T node, float boost = 1) {
  return std::make_shared<const Clause>(Clause{std::move(node), boost});
}
// The same clause with its boost multiplied.
ClausePtr Boosted(const ClausePtr& clause, float boost);

// One line, complete: equal texts mean equal clauses (the passes rely on it).
std::string ToText(const Clause& clause);

}  // namespace trine::search
