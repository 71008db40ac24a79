// Query: the query tree that search runs. api/* parses the query languages of other products into it. A query
// goes through Check (check.h), Lower (lower.h), Rewrite (passes.h) and Compile (score/compile.h) before it
// runs. ToText prints the result of each step as one line. A query is immutable once built and can be shared
// between threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "format/json.h"

namespace trine::search {

struct Query;
using QueryPtr = std::shared_ptr<const Query>;

enum class Operator { kOr, kAnd };

struct MatchAll {};
struct MatchNone {
  std::string why;
};
struct Match {
  std::string field, text;
  Operator op = Operator::kOr;
  std::string minimum_should_match;  // "2", "-1", "75%", "2<75%" (minimum_should_match.h); empty: none
  std::string analyzer;              // empty: the field's search analyzer
  bool zero_terms_all = false;       // text without any token matches all rows instead of none
  bool lenient = false;              // a value of the wrong type matches nothing instead of failing
};
struct MatchPhrase {
  std::string field, text, analyzer;
  uint32_t slop = 0;
};
struct MultiMatch {
  enum class Type { kBestFields, kMostFields };
  std::vector<std::pair<std::string, float>>
      fields;  // patterns with boosts; empty: every text and keyword field
  std::string text;
  Type type = Type::kBestFields;
  Operator op = Operator::kOr;
  std::string minimum_should_match, analyzer;
  float tie_breaker = 0;
  bool lenient = false;
};
struct Term {
  std::string field;
  format::Json value;
  bool case_insensitive = false;
};
struct Terms {
  std::string field;
  std::vector<format::Json> values;
};
struct Range {
  std::string field;
  format::Json gt, gte, lt, lte;  // null: unbounded
  std::string format, time_zone;
};
struct Prefix {
  std::string field, value;
  bool case_insensitive = false;
};
struct Exists {
  std::string field;
};
struct Ids {
  std::vector<std::string> values;
};
struct Bool {
  std::vector<QueryPtr> must, filter, should, must_not;
  std::string minimum_should_match;
};
struct ConstantScore {
  QueryPtr filter;
};
struct DisMax {
  std::vector<QueryPtr> queries;
  float tie_breaker = 0;
};
struct FunctionScore {
  enum class Mode { kMultiply, kSum, kAvg, kFirst, kMax, kMin, kReplace };
  struct Function {
    QueryPtr filter;  // nullptr: every row
    std::optional<float> weight;
    struct FieldValueFactor {
      std::string field;
      double factor = 1;
      std::string modifier = "none";
      std::optional<double> missing;
    };
    std::optional<FieldValueFactor> field_value_factor;
  };
  QueryPtr query;  // nullptr: match all
  std::vector<Function> functions;
  Mode score_mode = Mode::kMultiply;
  Mode boost_mode = Mode::kMultiply;
  std::optional<float> max_boost, min_score;
};
struct Knn {
  std::string field;
  std::vector<float> vector;
  size_t k = 0;     // number of neighbours to find; 0: as many as min_score or max_distance allows
  QueryPtr filter;  // applied before the k nearest are selected; nullptr: none
  std::optional<float> min_score, max_distance;
};
struct Hybrid {
  std::vector<QueryPtr> queries;
  QueryPtr filter;
  size_t pagination_depth = 0;  // hits that each sub-query keeps; 0: the default window
};
// Records by id with given scores. Used to add the recommender's candidates to a search.
struct ScoredIds {
  std::vector<std::pair<std::string, float>> ids;
  std::string label;
};

struct Query {
  using Node = std::variant<MatchAll, MatchNone, Match, MatchPhrase, MultiMatch, Term, Terms, Range, Prefix,
                            Exists, Ids, Bool, ConstantScore, DisMax, FunctionScore, Knn, Hybrid, ScoredIds>;
  Node node;
  float boost = 1;
  std::string name;  // reported in Hit::matched_queries; empty: none
};
template <typename T>
QueryPtr MakeQuery(T node, float boost = 1) {
  auto query = std::make_shared<Query>();
  query->node = std::move(node);
  query->boost = boost;
  return query;
}

// Returns the name of a mode: "multiply", "sum" and so on.
const char* Name(FunctionScore::Mode mode);

// Returns the query as one line, in a stable form: `bool(must: match(title, "chair"), filter: range(price,
// lte 50))`.
std::string ToText(const Query& query);

}  // namespace trine::search
