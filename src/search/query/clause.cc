#include "search/query/clause.h"

#include "base/check.h"
#include "catalogue/mapping.h"
#include "format/text.h"

namespace trine::search {
namespace {

using format::ShortestDouble;
using format::ShortestFloat;

std::string Quoted(const std::string& text) { return format::ToString(format::Json(text)); }

template <typename T, typename Print>
std::string Joined(const std::vector<T>& values, Print print, const char* between = ", ") {
  std::string out;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += between;
    out += print(values[i]);
  }
  return out;
}
std::string Joined(const std::vector<ClausePtr>& clauses) {
  return Joined(clauses, [](const ClausePtr& c) { return c == nullptr ? std::string("all") : ToText(*c); });
}
std::string Joined(const std::vector<std::string>& terms, const char* between) {
  return Joined(terms, Quoted, between);
}

std::string IntegerText(int64_t stored, bool is_unsigned) {
  return is_unsigned ? std::to_string(catalogue::UnsignedValue(stored)) : std::to_string(stored);
}

std::string Joined(const std::vector<std::pair<std::string, float>>& ids) {
  return Joined(ids, [](const auto& id) { return Quoted(id.first) + "=" + ShortestFloat(id.second); });
}

struct Printer {
  std::string operator()(const AllRows&) const { return "*"; }
  std::string operator()(const NoRows& n) const { return "none(" + n.why + ")"; }
  std::string operator()(const TermClause& t) const {
    return t.field + ":" + Joined(t.terms, "|") + (t.frequencies ? "" : "'");
  }
  std::string operator()(const PhraseClause& p) const {
    return p.field + ":phrase(" +
           Joined(p.positions,
                  [](const auto& at) { return std::to_string(at.first) + " " + Joined(at.second, "|"); }) +
           (p.slop > 0 ? ", slop " + std::to_string(p.slop) : "") + ")";
  }
  std::string operator()(const TermSet& t) const { return t.field + ":in(" + Joined(t.terms, " ") + ")"; }
  std::string operator()(const TermRange& r) const {
    return r.field + ":" + (r.lower_inclusive ? "[" : "(") + (r.lower ? Quoted(*r.lower) : "*") + " TO " +
           (r.upper ? Quoted(*r.upper) : "*") + (r.upper_inclusive ? "]" : ")");
  }
  std::string operator()(const TermPrefix& p) const {
    return p.field + ":" + Quoted(p.prefix) + (p.whole ? "" : "*") + (p.any_case ? "i" : "");
  }
  std::string operator()(const IntegerRange& r) const {
    return r.field + ":[" + IntegerText(r.lower, r.is_unsigned) + " TO " +
           IntegerText(r.upper, r.is_unsigned) + "]" + (r.is_term ? "'" : "");
  }
  std::string operator()(const RealRange& r) const {
    return r.field + ":[" + ShortestDouble(r.lower) + " TO " + ShortestDouble(r.upper) + "]";
  }
  std::string operator()(const IntegerSet& s) const {
    return s.field + ":in(" + Joined(s.values, [&s](int64_t v) { return IntegerText(v, s.is_unsigned); }) +
           ")";
  }
  std::string operator()(const RealSet& s) const {
    return s.field + ":in(" + Joined(s.values, ShortestDouble) + ")";
  }
  std::string operator()(const FieldExists& h) const { return "has(" + h.field + ")"; }
  std::string operator()(const IdSet& r) const { return "ids(" + Joined(r.ids, " ") + ")"; }
  std::string operator()(const BooleanClause& c) const {
    std::string out;
    auto add = [&out](const char* sign, const std::vector<ClausePtr>& clauses) {
      for (const ClausePtr& clause : clauses) {
        out += std::string(out.empty() ? "" : " ") + sign + ToText(*clause);
      }
    };
    add("+", c.must);
    add("#", c.filter);
    add("", c.should);
    add("-", c.must_not);
    return "(" + out + ")" + (c.at_least > 0 ? "~" + std::to_string(c.at_least) : "");
  }
  std::string operator()(const ConstantScoreClause& c) const { return "constant(" + ToText(*c.inner) + ")"; }
  std::string operator()(const DisjunctionMaxClause& b) const {
    return "best(" + Joined(b.clauses) + ")" + (b.tie_breaker == 0 ? "" : "~" + ShortestFloat(b.tie_breaker));
  }
  std::string operator()(const FunctionScoreClause& f) const;
  std::string operator()(const NearestClause& n) const {
    return "nearest(" + n.field + ", " + Joined(n.vector, ShortestFloat, " ") +
           (n.k > 0 ? ", k " + std::to_string(n.k) : "") +
           (n.min_score ? ", min_score " + ShortestFloat(*n.min_score) : "") +
           (n.max_distance ? ", max_distance " + ShortestFloat(*n.max_distance) : "") +
           (n.filter ? ", " + ToText(*n.filter) : "") + ")";
  }
  std::string operator()(const ScoredIdsClause& r) const {
    return "scored(" + r.label + ", " + Joined(r.ids) + ")";
  }
};

std::string Printer::operator()(const FunctionScoreClause& f) const {
  TRINE_CHECK_EQ(f.filters.size(), f.spec.functions.size());
  std::string out = "functions(" + ToText(*f.inner);
  for (size_t i = 0; i < f.spec.functions.size(); ++i) {
    const FunctionScore::Function& function = f.spec.functions[i];
    out += ", {" + (f.filters[i] == nullptr ? "*" : ToText(*f.filters[i]));
    if (function.weight) out += " weight " + ShortestFloat(*function.weight);
    if (const auto& factor = function.field_value_factor) {
      out += " " + factor->modifier + "(" + factor->field + " * " + ShortestDouble(factor->factor) +
             (factor->missing ? " ?: " + ShortestDouble(*factor->missing) : "") + ")";
    }
    out += "}";
  }
  out += std::string(", ") + Name(f.spec.score_mode) + ", " + Name(f.spec.boost_mode);
  if (f.spec.max_boost) out += ", max_boost " + ShortestFloat(*f.spec.max_boost);
  if (f.spec.min_score) out += ", min_score " + ShortestFloat(*f.spec.min_score);
  return out + ")";
}

}  // namespace

ClausePtr Boosted(const ClausePtr& clause, float boost) {
  TRINE_CHECK(clause != nullptr);
  if (boost == 1) return clause;
  Clause copy = *clause;
  copy.boost *= boost;
  return std::make_shared<const Clause>(std::move(copy));
}

std::string ToText(const Clause& clause) {
  std::string out = std::visit(Printer{}, clause.node);
  if (clause.boost != 1) out += "^" + ShortestFloat(clause.boost);
  return out;
}

}  // namespace trine::search
