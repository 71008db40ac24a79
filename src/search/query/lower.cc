#include "search/query/lower.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "catalogue/settings_view.h"
#include "search/query/lower_fields.h"
#include "search/query/minimum_should_match.h"

namespace trine::search {
namespace {

using catalogue::Field;

class ClauseBuilder {
 public:
  explicit ClauseBuilder(const Schema& schema) : schema_(schema) {}

  Result<ClausePtr> Visit(const QueryPtr& query) {
    if (query == nullptr) return MakeClause(AllRows{});
    TRINE_ASSIGN(ClausePtr plain, std::visit([&](const auto& node) { return Node(node); }, query->node));
    ClausePtr clause = Boosted(plain, query->boost);
    if (!query->name.empty()) named_.emplace_back(query->name, clause);
    return clause;
  }
  std::vector<std::pair<std::string, ClausePtr>> TakeNamed() { return std::move(named_); }

 private:
  // Adds the leaves of `clause` to the total, and fails if the total is too large. Needed because one node of
  // a query can become many leaves, by field patterns or analysis.
  Result<ClausePtr> Leaf(Result<ClausePtr> clause) {
    if (!clause.ok()) return clause;
    const auto* all = (*clause)->As<BooleanClause>();
    const auto* phrase = (*clause)->As<PhraseClause>();
    leaves_ += all != nullptr      ? std::max(all->should.size(), all->must.size())
               : phrase != nullptr ? phrase->positions.size()
                                   : 1;
    if (leaves_ <= limits::kMaxClauses) return clause;
    return Error(ErrorCode::kTooManyClauses, "the query expands to too many clauses")
        .Expected("at most " + std::to_string(limits::kMaxClauses));
  }

  Result<ClausePtr> Node(const MatchAll&) { return MakeClause(AllRows{}); }
  Result<ClausePtr> Node(const MatchNone& none) { return MakeClause(NoRows{none.why}); }
  Result<ClausePtr> Node(const Match& match) { return Leaf(LowerMatch(match, schema_)); }
  Result<ClausePtr> Node(const MatchPhrase& phrase) { return Leaf(LowerPhrase(phrase, schema_)); }
  Result<ClausePtr> Node(const Term& term) { return Leaf(LowerTerm(term, schema_)); }
  Result<ClausePtr> Node(const Terms& terms) { return Leaf(LowerTerms(terms, schema_)); }
  Result<ClausePtr> Node(const Range& range) { return Leaf(LowerRange(range, schema_)); }
  Result<ClausePtr> Node(const Prefix& prefix) { return Leaf(LowerPrefix(prefix, schema_)); }
  Result<ClausePtr> Node(const Exists& exists) { return Leaf(LowerExists(exists, schema_)); }
  Result<ClausePtr> Node(const Ids& ids) {
    for (const std::string& id : ids.values) TRINE_TRY(CheckQueriedId(id));
    return MakeClause(IdSet{ids.values});
  }
  Result<ClausePtr> Node(const ScoredIds& scored) {
    return MakeClause(ScoredIdsClause{scored.ids, scored.label});
  }
  Result<ClausePtr> Node(const MultiMatch& match);
  Result<ClausePtr> Node(const Bool& b);
  Result<ClausePtr> Node(const ConstantScore& constant) {
    TRINE_ASSIGN(ClausePtr inner, Visit(constant.filter));
    return MakeClause(ConstantScoreClause{std::move(inner)});
  }
  Result<ClausePtr> Node(const DisMax& best) {
    DisjunctionMaxClause out;
    out.tie_breaker = best.tie_breaker;
    TRINE_TRY(All(best.queries, &out.clauses));
    return MakeClause(std::move(out));
  }
  Result<ClausePtr> Node(const FunctionScore& functions);
  Result<ClausePtr> Node(const Knn& knn) {
    ClausePtr filter;
    if (knn.filter != nullptr) {
      TRINE_ASSIGN(filter, Visit(knn.filter));
    }
    return Leaf(LowerKnn(knn, std::move(filter), schema_));
  }
  Result<ClausePtr> Node(const Hybrid&) {
    return Error(ErrorCode::kHybridQuery, "a hybrid query is inside another query")
        .Detail("position", "below_top");
  }

  Status All(const std::vector<QueryPtr>& queries, std::vector<ClausePtr>* out) {
    for (const QueryPtr& query : queries) {
      TRINE_ASSIGN(ClausePtr clause, Visit(query));
      out->push_back(std::move(clause));
    }
    return Ok();
  }

  // Returns the fields of a multi_match with their boosts. Patterns are expanded, and unmapped fields are
  // skipped. As in OpenSearch, the last boost of a name counts, and the boosts of several patterns that match
  // one field are multiplied. If the query is on all fields, sets *lenient: values of the wrong type then
  // match nothing instead of failing.
  std::vector<std::pair<std::string, float>> Fields(const MultiMatch& match, bool* lenient) const;

  const Schema& schema_;
  std::vector<std::pair<std::string, ClausePtr>> named_;
  size_t leaves_ = 0;
};

std::vector<std::pair<std::string, float>> ClauseBuilder::Fields(const MultiMatch& match,
                                                                 bool* lenient) const {
  std::vector<std::pair<std::string, float>> fields;
  auto add = [&fields](const std::string& path, float boost) {
    const auto same =
        std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == path; });
    if (same == fields.end()) {
      fields.emplace_back(path, boost);
    } else {
      same->second *= boost;
    }
  };
  auto given =
      match.fields.empty() ? catalogue::DefaultFieldsOf(schema_.collection().settings) : match.fields;
  if (given.empty()) given.emplace_back("*", 1.0f);
  std::vector<std::pair<std::string, float>> patterns;
  for (auto& [pattern, boost] : given) {
    const auto same = std::ranges::find(patterns, pattern, &std::pair<std::string, float>::first);
    if (same != patterns.end()) {
      same->second = boost;
    } else {
      patterns.emplace_back(std::move(pattern), boost);
    }
  }
  if (std::ranges::find(patterns, "*", &std::pair<std::string, float>::first) != patterns.end())
    *lenient = true;
  for (const auto& [pattern, boost] : patterns) {
    if (pattern.find('*') == std::string::npos) {
      if (FindLeaf(schema_, pattern) != nullptr || IsNameOfRow(pattern)) add(pattern, boost);
      continue;
    }
    for (const std::string& path : schema_.collection().mapping.Match(pattern)) {
      const Field* field = schema_.Find(path);
      const ValueKind kind = KindOf(field->type);
      if (IsSearchable(*field) && kind != ValueKind::kVector && kind != ValueKind::kObject) add(path, boost);
    }
  }
  return fields;
}

Result<ClausePtr> ClauseBuilder::Node(const MultiMatch& match) {
  bool lenient = match.lenient;
  const auto fields = Fields(match, &lenient);
  if (fields.empty()) return MakeClause(NoRows{"no field matches"});
  DisjunctionMaxClause best;
  best.tie_breaker = match.tie_breaker;
  for (const auto& [path, boost] : fields) {
    Match one;
    one.field = path;
    one.text = match.text;
    one.op = match.op;
    one.minimum_should_match = match.minimum_should_match;
    one.analyzer = match.analyzer;
    one.lenient = lenient;
    TRINE_ASSIGN(ClausePtr clause, Leaf(LowerMatch(one, schema_)));
    best.clauses.push_back(Boosted(clause, boost));
  }
  if (best.clauses.size() == 1) return best.clauses.front();
  return MakeClause(std::move(best));
}

Result<ClausePtr> ClauseBuilder::Node(const Bool& b) {
  BooleanClause out;
  TRINE_TRY(All(b.must, &out.must));
  TRINE_TRY(All(b.filter, &out.filter));
  TRINE_TRY(All(b.should, &out.should));
  TRINE_TRY(All(b.must_not, &out.must_not));
  if (out.must.empty() && out.filter.empty() && out.should.empty()) {
    if (out.must_not.empty()) return MakeClause(AllRows{});
    // Only must_not: all other rows match, with score 0. OpenSearch drops minimum_should_match here.
    out.filter.push_back(MakeClause(AllRows{}));
    return MakeClause(std::move(out));
  }
  if (!b.minimum_should_match.empty()) {
    TRINE_ASSIGN(out.at_least,
                 MinimumShouldMatch(b.minimum_should_match, static_cast<int>(out.should.size())));
  }
  return MakeClause(std::move(out));
}

Result<ClausePtr> ClauseBuilder::Node(const FunctionScore& functions) {
  FunctionScoreClause out;
  out.spec = functions;
  out.spec.query = nullptr;
  TRINE_ASSIGN(out.inner, Visit(functions.query));
  for (FunctionScore::Function& function : out.spec.functions) {
    ClausePtr filter;
    if (function.filter != nullptr) {
      TRINE_ASSIGN(filter, Visit(function.filter));
    }
    out.filters.push_back(std::move(filter));
    function.filter = nullptr;
    if (!function.field_value_factor) continue;
    const auto& factor = *function.field_value_factor;
    const Field* field = schema_.Find(factor.field);
    if (field == nullptr) {
      if (factor.missing) continue;
      return Error(ErrorCode::kFieldType,
                   "field_value_factor uses an unmapped field and does not set \"missing\"")
          .Where(factor.field)
          .Detail("function", "field_value_factor");
    }
    const ValueKind kind = KindOf(field->type);
    if (kind == ValueKind::kText || kind == ValueKind::kKeyword || kind == ValueKind::kVector ||
        kind == ValueKind::kObject) {
      return WrongFieldType(factor.field, field->type, "a numeric field", "field_value_factor");
    }
    if (!field->doc_values) {
      return WrongFieldType(factor.field, field->type, "a field with doc_values", "doc_values: false");
    }
  }
  TRINE_CHECK_EQ(out.filters.size(), out.spec.functions.size());
  return MakeClause(std::move(out));
}

}  // namespace

Result<LoweredQuery> Lower(const QueryPtr& query, const Schema& schema) {
  ClauseBuilder lowering(schema);
  TRINE_ASSIGN(ClausePtr clause, lowering.Visit(query));
  return LoweredQuery{std::move(clause), lowering.TakeNamed()};
}

}  // namespace trine::search
