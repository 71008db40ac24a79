#include "search/query/passes.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"

namespace trine::search {
namespace {

constexpr int kMaxRounds = 64;

using Texts = std::unordered_set<std::string>;

bool IsAll(const ClausePtr& clause) { return clause->As<AllRows>() != nullptr && clause->boost == 1; }
bool IsNone(const ClausePtr& clause) { return clause->As<NoRows>() != nullptr; }
ClausePtr None(const char* why) { return MakeClause(NoRows{why}); }

// Returns the boolean clause if it has no boost of its own: only then can its children move into its parent.
const BooleanClause* UnboostedBoolean(const ClausePtr& clause) {
  return clause->boost == 1 ? clause->As<BooleanClause>() : nullptr;
}

Texts TextsOf(const std::vector<ClausePtr>& clauses) {
  Texts texts;
  for (const ClausePtr& clause : clauses) texts.insert(ToText(*clause));
  return texts;
}

// Removes the clauses for which `drop` returns true. Returns whether any was removed.
bool EraseIf(std::vector<ClausePtr>* clauses, const std::function<bool(const ClausePtr&)>& drop) {
  return std::erase_if(*clauses, drop) > 0;
}

bool EraseRepeats(std::vector<ClausePtr>* clauses) {
  if (clauses->size() < 2) return false;
  Texts seen;
  return EraseIf(clauses, [&](const ClausePtr& c) { return !seen.insert(ToText(*c)).second; });
}

void Append(std::vector<ClausePtr>* to, const std::vector<ClausePtr>& from) {
  to->insert(to->end(), from.begin(), from.end());
}

// Replaces equal clauses by one with the sum of their boosts, in order of first appearance.
bool SumBoosts(std::vector<ClausePtr>* clauses) {
  if (clauses->size() < 2) return false;
  std::unordered_map<std::string, size_t> places;
  std::vector<std::pair<ClausePtr, double>> sums;
  for (const ClausePtr& clause : *clauses) {
    ClausePtr plain = clause->boost == 1 ? clause : std::make_shared<const Clause>(Clause{clause->node, 1});
    const auto [place, fresh] = places.emplace(ToText(*plain), sums.size());
    if (fresh) {
      sums.emplace_back(std::move(plain), clause->boost);
    } else {
      sums[place->second].second += clause->boost;
    }
  }
  if (sums.size() == clauses->size()) return false;
  clauses->clear();
  for (const auto& [plain, boost] : sums) clauses->push_back(Boosted(plain, static_cast<float>(boost)));
  return true;
}

// Removes everything that affects only scores: boosts, constant scores, and optional clauses that need not
// match. Turns must into filter.
ClausePtr Unscored(const ClausePtr& clause) {
  if (const auto* constant = clause->As<ConstantScoreClause>()) return Unscored(constant->inner);
  if (const auto* functions = clause->As<FunctionScoreClause>();
      functions != nullptr && !functions->spec.min_score) {
    return Unscored(functions->inner);
  }
  if (const auto* c = clause->As<BooleanClause>()) {
    BooleanClause out;
    out.at_least = c->at_least;
    for (const ClausePtr& must : c->must) out.filter.push_back(Unscored(must));
    for (const ClausePtr& filter : c->filter) out.filter.push_back(Unscored(filter));
    if (c->at_least > 0 || out.filter.empty()) {
      for (const ClausePtr& should : c->should) out.should.push_back(Unscored(should));
    }
    for (const ClausePtr& not_this : c->must_not) out.must_not.push_back(Unscored(not_this));
    return MakeClause(std::move(out));
  }
  if (const auto* best = clause->As<DisjunctionMaxClause>()) {
    BooleanClause any;
    for (const ClausePtr& one : best->clauses) any.should.push_back(Unscored(one));
    if (any.should.empty()) return None("no clause");
    return MakeClause(std::move(any));
  }
  return clause->boost == 1 ? clause : std::make_shared<const Clause>(Clause{clause->node, 1});
}

struct NamedPass {
  const char* name;
  ClausePtr (*run)(const BooleanClause&);
};
constexpr NamedPass kPasses[] = {{"unwrap_single", UnwrapSingle},
                                 {"drop_dead", DropEmptyClauses},
                                 {"drop_repeated", DropDuplicateFilters},
                                 {"find_contradiction", FindContradiction},
                                 {"drop_free_filters", DropRedundantFilters},
                                 {"require_filtered_should", RequireFilteredShould},
                                 {"merge_duplicates", MergeDuplicates},
                                 {"filter_all", ConstantFromMatchAll},
                                 {"flatten_disjunctions", FlattenDisjunctions},
                                 {"inline_required", InlineRequired},
                                 {"require_all_should", RequireAllShould},
                                 {"inline_only_must", InlineSingleMust}};

class Rewriter {
 public:
  explicit Rewriter(PassTrace* trace) : trace_(trace) {}

  ClausePtr Visit(const ClausePtr& clause, bool scoring) {
    TRINE_CHECK(clause != nullptr);
    if (!scoring) {
      const ClausePtr plain = Unscored(clause);
      return VisitNode(plain, false);
    }
    return VisitNode(clause, true);
  }

 private:
  ClausePtr VisitNode(const ClausePtr& clause, bool scoring) {
    if (clause->boost == 0 && scoring && clause->As<ConstantScoreClause>() == nullptr && !IsNone(clause)) {
      return Boosted(
          Visit(MakeClause(ConstantScoreClause{std::make_shared<const Clause>(Clause{clause->node, 1})}),
                true),
          0);
    }
    if (const auto* c = clause->As<BooleanClause>()) return VisitCombination(clause, *c, scoring);
    if (const auto* best = clause->As<DisjunctionMaxClause>()) return VisitBest(clause, *best);
    if (const auto* constant = clause->As<ConstantScoreClause>()) {
      ClausePtr inner = Visit(constant->inner, false);
      if (IsNone(inner)) return inner;
      return MakeClause(ConstantScoreClause{std::move(inner)}, clause->boost);
    }
    if (const auto* functions = clause->As<FunctionScoreClause>()) {
      FunctionScoreClause out = *functions;
      out.inner = Visit(out.inner, true);
      if (IsNone(out.inner)) return out.inner;
      for (ClausePtr& filter : out.filters) filter = filter == nullptr ? nullptr : Visit(filter, false);
      return MakeClause(std::move(out), clause->boost);
    }
    if (const auto* nearest = clause->As<NearestClause>(); nearest != nullptr && nearest->filter != nullptr) {
      NearestClause out = *nearest;
      out.filter = Visit(out.filter, false);
      if (IsNone(out.filter)) return out.filter;
      return MakeClause(std::move(out), clause->boost);
    }
    return clause;
  }

  ClausePtr VisitBest(const ClausePtr& clause, const DisjunctionMaxClause& best) {
    if (best.tie_breaker == 1 && best.clauses.size() > 1) {
      // With tie_breaker 1, the score is the largest plus all others, which is their sum.
      ClausePtr sum = MakeClause(BooleanClause{{}, {}, best.clauses, {}, 0});
      Note("best_is_sum", clause, sum);
      return Boosted(Visit(sum, true), clause->boost);
    }
    DisjunctionMaxClause out;
    out.tie_breaker = best.tie_breaker;
    for (const ClausePtr& one : best.clauses) {
      ClausePtr rewritten = Visit(one, true);
      if (!IsNone(rewritten)) out.clauses.push_back(std::move(rewritten));
    }
    if (out.clauses.empty()) return None("no alternative of a dis_max can match");
    if (out.clauses.size() == 1) return Boosted(out.clauses.front(), clause->boost);
    return MakeClause(std::move(out), clause->boost);
  }

  ClausePtr VisitCombination(const ClausePtr& clause, const BooleanClause& given, bool scoring) {
    BooleanClause c;
    c.at_least = given.at_least;
    for (const ClausePtr& x : given.must) c.must.push_back(Visit(x, scoring));
    for (const ClausePtr& x : given.filter) c.filter.push_back(Visit(x, false));
    for (const ClausePtr& x : given.should) c.should.push_back(Visit(x, scoring));
    for (const ClausePtr& x : given.must_not) c.must_not.push_back(Visit(x, false));
    ClausePtr now = MakeClause(std::move(c));
    // Every pass shrinks the tree or makes a clause stricter, so the loop ends. kMaxRounds only guards
    // against a pass that does neither.
    for (int round = 0; round < kMaxRounds; ++round) {
      const BooleanClause* current = UnboostedBoolean(now);
      if (current == nullptr) break;
      ClausePtr next;
      for (const NamedPass& pass : kPasses) {
        next = pass.run(*current);
        if (next == nullptr) continue;
        Note(pass.name, now, next);
        break;
      }
      if (next == nullptr) break;
      now = std::move(next);
    }
    if (!scoring) now = Unscored(now);
    return Boosted(now, scoring ? clause->boost : 1);
  }

  void Note(const char* name, const ClausePtr& before, const ClausePtr& after) {
    if (trace_ != nullptr)
      trace_->push_back(std::string(name) + ": " + ToText(*before) + " -> " + ToText(*after));
  }

  PassTrace* trace_;
};

}  // namespace

ClausePtr UnwrapSingle(const BooleanClause& c) {
  const size_t positive = c.must.size() + c.filter.size() + c.should.size();
  if (positive == 0) return None("there is no must, filter or should clause");
  if (positive > 1 || !c.must_not.empty()) return nullptr;
  if (c.should.size() == 1) return c.at_least <= 1 ? c.should.front() : None("too few clauses to match");
  if (c.at_least > 0) return None("too few clauses to match");
  if (c.must.size() == 1) return c.must.front();
  return MakeClause(ConstantScoreClause{c.filter.front()}, 0);
}

ClausePtr DropEmptyClauses(const BooleanClause& c) {
  if (std::any_of(c.must.begin(), c.must.end(), IsNone)) return None("a required clause matches nothing");
  if (std::any_of(c.filter.begin(), c.filter.end(), IsNone)) return None("a filter matches nothing");
  BooleanClause out = c;
  const bool should = EraseIf(&out.should, IsNone);
  const bool must_not = EraseIf(&out.must_not, IsNone);
  return should || must_not ? MakeClause(std::move(out)) : nullptr;
}

ClausePtr DropDuplicateFilters(const BooleanClause& c) {
  BooleanClause out = c;
  const bool filter = EraseRepeats(&out.filter);
  const bool must_not = EraseRepeats(&out.must_not);
  return filter || must_not ? MakeClause(std::move(out)) : nullptr;
}

ClausePtr FindContradiction(const BooleanClause& c) {
  if (c.must_not.empty()) return nullptr;
  const Texts excluded = TextsOf(c.must_not);
  auto is_excluded = [&](const ClausePtr& clause) {
    const Clause plain{clause->node, 1};
    if (excluded.contains(ToText(plain))) return true;
    const auto* constant = plain.As<ConstantScoreClause>();
    return constant != nullptr && excluded.contains(ToText(*constant->inner));
  };
  if (std::any_of(c.must_not.begin(), c.must_not.end(), IsAll) ||
      std::any_of(c.must.begin(), c.must.end(), is_excluded) ||
      std::any_of(c.filter.begin(), c.filter.end(), is_excluded)) {
    return None("a required clause is excluded");
  }
  return nullptr;
}

ClausePtr DropRedundantFilters(const BooleanClause& c) {
  if (c.filter.empty()) return nullptr;
  BooleanClause out = c;
  bool changed = false;
  if (c.filter.size() > 1 || !c.must.empty()) changed = EraseIf(&out.filter, IsAll);
  if (!c.must.empty()) {
    const Texts required = TextsOf(c.must);
    changed |= EraseIf(&out.filter, [&](const ClausePtr& f) { return required.contains(ToText(*f)); });
  }
  return changed ? MakeClause(std::move(out)) : nullptr;
}

ClausePtr RequireFilteredShould(const BooleanClause& c) {
  if (c.should.empty() || c.filter.empty()) return nullptr;
  const Texts filters = TextsOf(c.filter);
  Texts both;
  BooleanClause out = c;
  EraseIf(&out.should, [&](const ClausePtr& s) {
    const std::string text = ToText(*s);
    if (!filters.contains(text)) return false;
    both.insert(text);
    out.must.push_back(s);
    --out.at_least;
    return true;
  });
  if (both.empty()) return nullptr;
  EraseIf(&out.filter, [&](const ClausePtr& f) { return both.contains(ToText(*f)); });
  TRINE_CHECK(!out.must.empty());
  out.at_least = std::max(out.at_least, 0);
  return MakeClause(std::move(out));
}

ClausePtr MergeDuplicates(const BooleanClause& c) {
  BooleanClause out = c;
  const bool should = c.at_least <= 1 && SumBoosts(&out.should);
  const bool must = SumBoosts(&out.must);
  return should || must ? MakeClause(std::move(out)) : nullptr;
}

ClausePtr ConstantFromMatchAll(const BooleanClause& c) {
  if (c.must.size() != 1 || c.filter.empty() || c.must.front()->As<AllRows>() == nullptr) return nullptr;
  BooleanClause filters;
  filters.filter = c.filter;
  filters.must_not = c.must_not;
  ClausePtr inner = filters.filter.size() == 1 && filters.must_not.empty() ? filters.filter.front()
                                                                           : MakeClause(std::move(filters));
  BooleanClause out;
  out.at_least = c.at_least;
  out.must.push_back(MakeClause(ConstantScoreClause{std::move(inner)}, c.must.front()->boost));
  out.should = c.should;
  return MakeClause(std::move(out));
}

ClausePtr FlattenDisjunctions(const BooleanClause& c) {
  if (c.at_least > 1) return nullptr;
  BooleanClause out = c;
  out.should.clear();
  bool changed = false;
  for (const ClausePtr& clause : c.should) {
    const BooleanClause* inner = UnboostedBoolean(clause);
    const bool pure = inner != nullptr && inner->at_least <= 1 && inner->must.empty() &&
                      inner->filter.empty() && inner->must_not.empty();
    if (pure) {
      Append(&out.should, inner->should);
      changed = true;
    } else {
      out.should.push_back(clause);
    }
  }
  return changed ? MakeClause(std::move(out)) : nullptr;
}

ClausePtr InlineRequired(const BooleanClause& c) {
  BooleanClause out = c;
  out.must.clear();
  out.filter.clear();
  bool changed = false;
  auto open = [&](const ClausePtr& clause, bool is_must) {
    const BooleanClause* inner = UnboostedBoolean(clause);
    if (inner == nullptr || inner->at_least > 0 || !inner->should.empty()) {
      (is_must ? out.must : out.filter).push_back(clause);
      return;
    }
    changed = true;
    Append(is_must ? &out.must : &out.filter, inner->must);
    Append(&out.filter, inner->filter);
    Append(&out.must_not, inner->must_not);
  };
  for (const ClausePtr& clause : c.must) open(clause, true);
  for (const ClausePtr& clause : c.filter) open(clause, false);
  return changed ? MakeClause(std::move(out)) : nullptr;
}

ClausePtr RequireAllShould(const BooleanClause& c) {
  const int should = static_cast<int>(c.should.size());
  if (should < c.at_least) return None("too few clauses to match");
  if (should == 0 || should != c.at_least) return nullptr;
  BooleanClause out = c;
  Append(&out.must, c.should);
  out.should.clear();
  out.at_least = 0;
  return MakeClause(std::move(out));
}

ClausePtr InlineSingleMust(const BooleanClause& c) {
  if (!c.should.empty() || c.must.size() != 1) return nullptr;
  const BooleanClause* inner = UnboostedBoolean(c.must.front());
  if (inner == nullptr || !inner->must.empty() || !inner->filter.empty() || !inner->must_not.empty()) {
    return nullptr;
  }
  BooleanClause out = c;
  out.must.clear();
  out.should = inner->should;
  out.at_least = std::max(1, inner->at_least);
  return MakeClause(std::move(out));
}

ClausePtr Rewrite(const ClausePtr& clause, bool scoring, PassTrace* trace) {
  return Rewriter(trace).Visit(clause, scoring);
}

}  // namespace trine::search
