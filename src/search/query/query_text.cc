// Prints a query as one line, for tests, plans and explanations.
#include "format/text.h"
#include "search/query/query.h"

namespace trine::search {
namespace {

std::string Quoted(const std::string& text) { return format::ToString(format::Json(text)); }

std::string List(const std::vector<QueryPtr>& queries) {
  std::string out;
  for (const QueryPtr& query : queries) {
    if (!out.empty()) out += ", ";
    out += query == nullptr ? "nothing" : ToText(*query);
  }
  return out;
}

std::string Options(const std::string& msm, Operator op, const std::string& analyzer) {
  std::string out;
  if (op == Operator::kAnd) out += ", and";
  if (!msm.empty()) out += ", at least " + msm;
  if (!analyzer.empty()) out += ", analyzer " + analyzer;
  return out;
}

struct Printer {
  std::string operator()(const MatchAll&) const { return "all"; }
  std::string operator()(const MatchNone& n) const { return n.why.empty() ? "none" : "none(" + n.why + ")"; }
  std::string operator()(const Match& m) const {
    return "match(" + m.field + ", " + Quoted(m.text) + Options(m.minimum_should_match, m.op, m.analyzer) +
           ")";
  }
  std::string operator()(const MatchPhrase& m) const {
    return "phrase(" + m.field + ", " + Quoted(m.text) +
           (m.slop > 0 ? ", slop " + std::to_string(m.slop) : "") + ")";
  }
  std::string operator()(const MultiMatch& m) const {
    std::string fields;
    for (const auto& [field, boost] : m.fields) {
      if (!fields.empty()) fields += " ";
      fields += field + (boost == 1 ? "" : "^" + format::ShortestFloat(boost));
    }
    return std::string(m.type == MultiMatch::Type::kBestFields ? "best_fields" : "most_fields") + "([" +
           fields + "], " + Quoted(m.text) + Options(m.minimum_should_match, m.op, m.analyzer) + ")";
  }
  std::string operator()(const Term& t) const {
    return "term(" + t.field + ", " + format::ToString(t.value) + (t.case_insensitive ? ", any case" : "") +
           ")";
  }
  std::string operator()(const Terms& t) const {
    return "terms(" + t.field + ", " + format::ToString(format::Json(t.values)) + ")";
  }
  std::string operator()(const Range& r) const {
    std::string out = "range(" + r.field;
    if (!r.gt.is_null()) out += ", gt " + format::ToString(r.gt);
    if (!r.gte.is_null()) out += ", gte " + format::ToString(r.gte);
    if (!r.lt.is_null()) out += ", lt " + format::ToString(r.lt);
    if (!r.lte.is_null()) out += ", lte " + format::ToString(r.lte);
    return out + ")";
  }
  std::string operator()(const Prefix& p) const {
    return "prefix(" + p.field + ", " + Quoted(p.value) + (p.case_insensitive ? ", any case" : "") + ")";
  }
  std::string operator()(const Exists& e) const { return "exists(" + e.field + ")"; }
  std::string operator()(const Ids& ids) const {
    std::string out = "ids(";
    for (size_t i = 0; i < ids.values.size(); ++i) out += (i == 0 ? "" : ", ") + Quoted(ids.values[i]);
    return out + ")";
  }
  std::string operator()(const Bool& b) const {
    std::string out;
    auto add = [&out](const char* name, const std::vector<QueryPtr>& queries) {
      if (queries.empty()) return;
      out += std::string(out.empty() ? "" : ", ") + name + ": " + List(queries);
    };
    add("must", b.must);
    add("filter", b.filter);
    add("should", b.should);
    add("must_not", b.must_not);
    if (!b.minimum_should_match.empty()) out += ", at least " + b.minimum_should_match;
    return "bool(" + out + ")";
  }
  std::string operator()(const ConstantScore& c) const {
    return "constant(" + (c.filter == nullptr ? "nothing" : ToText(*c.filter)) + ")";
  }
  std::string operator()(const DisMax& d) const {
    return "dis_max(" + List(d.queries) +
           (d.tie_breaker == 0 ? "" : ", tie " + format::ShortestFloat(d.tie_breaker)) + ")";
  }
  std::string operator()(const FunctionScore& f) const {
    return "function_score(" + (f.query == nullptr ? "all" : ToText(*f.query)) + ", " +
           std::to_string(f.functions.size()) + " functions)";
  }
  std::string operator()(const Knn& k) const {
    std::string out = "knn(" + k.field + ", " + std::to_string(k.vector.size()) + " dimensions";
    if (k.k > 0) out += ", k " + std::to_string(k.k);
    if (k.min_score) out += ", min_score " + format::ShortestFloat(*k.min_score);
    if (k.max_distance) out += ", max_distance " + format::ShortestFloat(*k.max_distance);
    if (k.filter != nullptr) out += ", filter: " + ToText(*k.filter);
    return out + ")";
  }
  std::string operator()(const Hybrid& h) const {
    return "hybrid(" + List(h.queries) + (h.filter == nullptr ? "" : ", filter: " + ToText(*h.filter)) + ")";
  }
  std::string operator()(const ScoredIds& s) const {
    return "scored(" + s.label + ", " + std::to_string(s.ids.size()) + " ids)";
  }
};

}  // namespace

const char* Name(FunctionScore::Mode mode) {
  switch (mode) {
    case FunctionScore::Mode::kMultiply:
      return "multiply";
    case FunctionScore::Mode::kSum:
      return "sum";
    case FunctionScore::Mode::kAvg:
      return "avg";
    case FunctionScore::Mode::kFirst:
      return "first";
    case FunctionScore::Mode::kMax:
      return "max";
    case FunctionScore::Mode::kMin:
      return "min";
    case FunctionScore::Mode::kReplace:
      return "replace";
  }
  return "";
}

std::string ToText(const Query& query) {
  std::string out = std::visit(Printer{}, query.node);
  if (query.boost != 1) out += "^" + format::ShortestFloat(query.boost);
  return out;
}

}  // namespace trine::search
