#include "search/query/check.h"

#include <cmath>

#include "base/limits.h"

namespace trine::search {
namespace {

// The depth to which JSON may nest. Everything that recurses over a query relies on this bound.
constexpr int kMaxDepth = 64;

Error Invalid(ErrorCode code, std::string message) { return Error(code, std::move(message)); }

class Checker {
 public:
  Status Visit(const QueryPtr& query, int depth) {
    if (query == nullptr) return Ok();
    if (depth > kMaxDepth) return Invalid(ErrorCode::kInvalidQuery, "the query is nested too deeply");
    if (!std::isfinite(query->boost) || query->boost < 0) {
      return Invalid(ErrorCode::kQueryBoost, "boost must be a finite number that is not negative");
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
      if (query == nullptr) return Invalid(ErrorCode::kInvalidQuery, "a clause is empty");
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
      return Invalid(ErrorCode::kTooManyTerms,
                     "the number of terms [" + std::to_string(terms.values.size()) +
                         "] used in the terms query has exceeded the allowed maximum of [" +
                         std::to_string(limits::kMaxTermsInList) + "]");
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
      return Invalid(ErrorCode::kInvalidQuery, "tie_breaker must be between 0 and 1");
    }
    return All(d.queries, depth);
  }
  Status Node(const MultiMatch& m, int) {
    if (!(m.tie_breaker >= 0 && m.tie_breaker <= 1)) {
      return Invalid(ErrorCode::kInvalidQuery, "tie_breaker must be between 0 and 1");
    }
    return Leaf();
  }
  Status Node(const FunctionScore& f, int depth) {
    TRINE_TRY(Visit(f.query, depth + 1));
    for (const auto& function : f.functions) {
      if (function.weight && !std::isfinite(*function.weight)) {
        return Invalid(ErrorCode::kInvalidQuery, "a function's weight must be a finite number");
      }
      TRINE_TRY(Visit(function.filter, depth + 1));
    }
    return Ok();
  }
  Status Node(const Knn& k, int depth) {
    const int bounds = (k.k > 0 ? 1 : 0) + (k.min_score ? 1 : 0) + (k.max_distance ? 1 : 0);
    if (bounds != 1)
      return Invalid(ErrorCode::kInvalidQuery, "knn needs exactly one of k, min_score and max_distance");
    if (k.k > limits::kMaxResultWindow) {
      return Invalid(ErrorCode::kInvalidQuery, "k is too large")
          .Expected("at most " + std::to_string(limits::kMaxResultWindow));
    }
    for (const float v : k.vector) {
      if (!std::isfinite(v))
        return Invalid(ErrorCode::kInvalidQuery, "a query vector holds finite numbers only").Where(k.field);
    }
    TRINE_TRY(Leaf());
    return Visit(k.filter, depth + 1);
  }
  Status Node(const Hybrid&, int) {
    return Invalid(ErrorCode::kHybridQuery,
                   "hybrid query must be a top level query and cannot be wrapped into other queries");
  }

  size_t leaves_ = 0;
};

Status CheckHybrid(const Hybrid& hybrid) {
  if (hybrid.queries.empty()) return Invalid(ErrorCode::kHybridQuery, "hybrid needs at least one query");
  if (hybrid.queries.size() > limits::kMaxHybridClauses) {
    return Invalid(ErrorCode::kHybridQuery, "hybrid has too many queries")
        .Expected("at most " + std::to_string(limits::kMaxHybridClauses));
  }
  Checker checker;
  for (const QueryPtr& query : hybrid.queries) {
    if (query == nullptr) return Invalid(ErrorCode::kInvalidQuery, "a clause of hybrid is empty");
    if (TopLevelHybrid(*query) != nullptr) {
      return Invalid(ErrorCode::kHybridQuery, "hybrid query cannot be nested in another hybrid query");
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
    if (query->boost != 1) return Invalid(ErrorCode::kHybridQuery, "a hybrid query takes no boost");
    return CheckHybrid(*hybrid);
  }
  return Checker().Visit(query, 1);
}

}  // namespace trine::search
