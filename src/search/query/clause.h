// Clause: a query as it applies to one collection: text is analysed, values have the types of their fields,
// and field patterns are resolved. Passes simplify it (`Rewrite`, passes.h), and `Compile` (score/compile.h)
// turns it into a plan. A clause is immutable once built and can be shared between threads.
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
  std::string why;  // for explanations
};
// One term, or alternatives at the same position that count as one term.
struct TermClause {
  std::string field;
  std::vector<std::string> terms;  // never empty
  bool frequencies = true;         // false for keyword fields: every frequency counts as 1
};
struct PhraseClause {
  std::string field;
  // The alternative terms at each position: two or more positions, ascending.
  std::vector<std::pair<uint32_t, std::vector<std::string>>> positions;
  uint32_t slop = 0;
};
// Rows that contain any of the terms. All score the same.
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
  bool any_case = false;  // ignore the case of ASCII letters; `prefix` must then be lower case
  bool whole = false;     // the term must equal the prefix
};
// Bounds are inclusive. Integers are compared as integers, because a double is not exact beyond 2^53.
struct IntegerRange {
  std::string field;
  int64_t lower, upper;
  bool is_term = false;      // true for a term on a boolean field, which is scored like a keyword
  bool is_unsigned = false;  // the bounds are catalogue::StoredUnsigned
};
struct RealRange {
  std::string field;
  double lower, upper;
};
struct IntegerSet {
  std::string field;
  std::vector<int64_t> values;  // sorted, unique
  bool is_unsigned = false;     // the values are catalogue::StoredUnsigned
};
struct RealSet {
  std::string field;
  std::vector<double> values;
};
struct FieldExists {
  std::string field;
  catalogue::FieldType type;
};
struct IdSet {
  std::vector<std::string> ids;
};
struct BooleanClause {
  std::vector<ClausePtr> must, filter, should, must_not;
  int at_least = 0;  // number of `should` clauses that must match; 0 means 1 if must and filter are empty
};
// Matches the rows of `inner`, each with score 1 (times boosts).
struct ConstantScoreClause {
  ClausePtr inner;
};
struct DisjunctionMaxClause {
  std::vector<ClausePtr> clauses;
  float tie_breaker = 0;
};
struct FunctionScoreClause {
  ClausePtr inner;
  FunctionScore spec;              // use its modes, bounds and functions, but not its query and filters
  std::vector<ClausePtr> filters;  // one per function; nullptr: the function applies to every row
};
struct NearestClause {
  std::string field;
  catalogue::VectorSpace space;
  std::vector<float> vector;
  size_t k = 0;
  std::optional<float> min_score, max_distance;
  ClausePtr filter;  // nullptr: none
};
struct ScoredIdsClause {
  std::vector<std::pair<std::string, float>> ids;
  std::string label;
};

struct Clause {
  using Node =
      std::variant<AllRows, NoRows, TermClause, PhraseClause, TermSet, TermRange, TermPrefix, IntegerRange,
                   RealRange, IntegerSet, RealSet, FieldExists, IdSet, BooleanClause, ConstantScoreClause,
                   DisjunctionMaxClause, FunctionScoreClause, NearestClause, ScoredIdsClause>;
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
// Returns the clause with its boost multiplied by `boost`.
ClausePtr Boosted(const ClausePtr& clause, float boost);

// Returns the clause as one line. Equal texts mean equal clauses; the passes rely on this.
std::string ToText(const Clause& clause);

}  // namespace trine::search
