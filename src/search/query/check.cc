#include "search/query/check.h"

#include <cmath>

#include "base/limits.h"
#include "format/text.h"

namespace trine::search {
namespace {

// The maximum nesting depth of a query. All recursion over queries relies on this bound.
constexpr int kMaxDepth = 64;

Error Invalid(ErrorCode code, std::string message) { return Error(code, std::move(message)); }

Error InvalidTieBreaker(float value) {
  return Invalid(ErrorCode::kInvalidQuery, "invalid tie_breaker")
      .Expected("a number from 0 to 1")
      .Got(format::ShortestFloat(value));
}

class Checker {
 public:
  Status Visit(const QueryPtr& query, int depth) {
    if (query == nullptr) return Ok();
    if (depth > kMaxDepth)
      return Invalid(ErrorCode::kInvalidQuery, "the query is nested too deeply")
          .Expected("at most " + std::to_string(kMaxDepth) + " levels");
    if (!std::isfinite(query->boost) || query->boost < 0) {
      return Invalid(ErrorCode::kQueryBoost, "invalid boost")
          .Expected("a finite number that is not negative")
          .Got(format::ShortestFloat(query->boost));
    }
    return std::visit([&](const auto& node) { return Node(node, depth); }, query->node);
  }

 private:
  Status Leaf() {
    if (++leaves_ > limits::kMaxClauses) {
      return Invalid(ErrorCode::kTooManyClauses, "the query has too many clauses")
          .Expected("at most " + std::to_string(limits::kMaxClauses));
    }
    return Ok();
  }
  Status All(const std::vector<QueryPtr>& queries, int depth) {
    for (const QueryPtr& query : queries) {
      if (query == nullptr) return Invalid(ErrorCode::kInvalidQuery, "the query has an empty clause");
      TRINE_TRY(Visit(query, depth + 1));
    }
    return Ok();
  }
  template <typename T>
  Status Node(const T&, int) {
    return Leaf();
  }
  Status Node(const Terms& terms, int) {
    if (terms.values.size() > limits::kMaxTermsInList) {
      const std::string most = std::to_string(limits::kMaxTermsInList);
      return Invalid(ErrorCode::kTooManyTerms, "a list has too many terms")
          .Expected("at most " + most)
          .Got(std::to_string(terms.values.size()))
          .Where(terms.field)
          .Detail("maximum", most);
    }
    return Leaf();
  }
  Status Node(const Bool& b, int depth) {
    TRINE_TRY(All(b.must, depth));
    TRINE_TRY(All(b.filter, depth));
    TRINE_TRY(All(b.should, depth));
    return All(b.must_not, depth);
  }
  Status Node(const ConstantScore& c, int depth) { return Visit(c.filter, depth + 1); }
  Status Node(const DisMax& d, int depth) {
    if (!(d.tie_breaker >= 0 && d.tie_breaker <= 1)) {
      return InvalidTieBreaker(d.tie_breaker);
    }
    return All(d.queries, depth);
  }
  Status Node(const MultiMatch& m, int) {
    if (m.fields.size() > limits::kMaxClauses) {
      return Invalid(ErrorCode::kTooManyClauses, "a query names too many fields")
          .Expected("at most " + std::to_string(limits::kMaxClauses))
          .Got(std::to_string(m.fields.size()));
    }
    if (!(m.tie_breaker >= 0 && m.tie_breaker <= 1)) {
      return InvalidTieBreaker(m.tie_breaker);
    }
    return Leaf();
  }
  Status Node(const FunctionScore& f, int depth) {
    TRINE_TRY(Visit(f.query, depth + 1));
    for (const auto& function : f.functions) {
      if (function.weight && !std::isfinite(*function.weight)) {
        return Invalid(ErrorCode::kInvalidQuery, "the weight of a score function is not finite");
      }
      TRINE_TRY(Visit(function.filter, depth + 1));
    }
    return Ok();
  }
  Status Node(const Knn& k, int depth) {
    const int bounds = (k.k > 0 ? 1 : 0) + (k.min_score ? 1 : 0) + (k.max_distance ? 1 : 0);
    if (bounds != 1)
      return Invalid(ErrorCode::kInvalidQuery, "a knn query has no bound or more than one")
          .Expected("exactly one of k, min_score and max_distance");
    if (k.k > limits::kMaxResultWindow) {
      return Invalid(ErrorCode::kInvalidQuery, "k is too large")
          .Expected("at most " + std::to_string(limits::kMaxResultWindow))
          .Got(std::to_string(k.k));
    }
    for (const float v : k.vector) {
      if (!std::isfinite(v))
        return Invalid(ErrorCode::kInvalidQuery, "the query vector has an element that is not finite")
            .Where(k.field);
    }
    TRINE_TRY(Leaf());
    return Visit(k.filter, depth + 1);
  }
  Status Node(const Hybrid&, int) {
    return Invalid(ErrorCode::kHybridQuery, "a hybrid query is inside another query")
        .Detail("position", "below_top");
  }

  size_t leaves_ = 0;
};

Status CheckHybrid(const Hybrid& hybrid) {
  if (hybrid.queries.empty()) return Invalid(ErrorCode::kHybridQuery, "a hybrid query has no sub-queries");
  if (hybrid.queries.size() > limits::kMaxHybridClauses) {
    return Invalid(ErrorCode::kHybridQuery, "a hybrid query has too many sub-queries")
        .Expected("at most " + std::to_string(limits::kMaxHybridClauses));
  }
  Checker checker;
  for (const QueryPtr& query : hybrid.queries) {
    if (query == nullptr) return Invalid(ErrorCode::kInvalidQuery, "a hybrid query has an empty sub-query");
    if (TopLevelHybrid(*query) != nullptr) {
      return Invalid(ErrorCode::kHybridQuery, "a hybrid query is inside another hybrid query")
          .Detail("position", "sub_query");
    }
    TRINE_TRY(checker.Visit(query, 1));
  }
  return checker.Visit(hybrid.filter, 1);
}

}  // namespace

const Hybrid* TopLevelHybrid(const Query& query) {
  if (const auto* hybrid = std::get_if<Hybrid>(&query.node)) return hybrid;
  if (query.boost != 1) return nullptr;
  if (const auto* b = std::get_if<Bool>(&query.node)) {
    if (b->must.size() + b->should.size() != 1 || !b->filter.empty() || !b->must_not.empty()) return nullptr;
    const QueryPtr& only = b->must.empty() ? b->should.front() : b->must.front();
    return only == nullptr ? nullptr : TopLevelHybrid(*only);
  }
  if (const auto* d = std::get_if<DisMax>(&query.node)) {
    if (d->queries.size() != 1 || d->queries.front() == nullptr) return nullptr;
    return TopLevelHybrid(*d->queries.front());
  }
  return nullptr;
}

Status Check(const QueryPtr& query) {
  if (query == nullptr) return Ok();
  if (const Hybrid* hybrid = TopLevelHybrid(*query)) {
    if (query->boost != 1) return Invalid(ErrorCode::kHybridQuery, "a hybrid query cannot have a boost");
    return CheckHybrid(*hybrid);
  }
  return Checker().Visit(query, 1);
}

}  // namespace trine::search
