#include "test/support/naive_search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "format/text.h"

namespace trine::test {
namespace {

using catalogue::FieldType;
using format::Json;
using namespace search;               // NOLINT: most names here are from search
using Score = std::optional<double>;  // nullopt: no match

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

class Naive {
 public:
  Naive(const catalogue::Collection& collection, const std::vector<NaiveDocument>& documents)
      : collection_(collection), documents_(documents) {}

  Score Visit(const QueryPtr& query, size_t doc) {
    return query == nullptr ? Score(1.0) : Visit(*query, doc);
  }
  Score Visit(const Query& query, size_t doc) {
    Score score = std::visit([&](const auto& node) { return Node(node, doc, query); }, query.node);
    if (score) *score *= static_cast<double>(query.boost);
    return score;
  }

 private:
  FieldType TypeOf(const std::string& field) const {
    for (const auto& f : collection_.mapping.properties) {
      if (f.name == field) return f.type;
    }
    return FieldType::kObject;  // not mapped
  }
  std::vector<Json> Values(const std::string& field, size_t doc) const {
    const Json* value = documents_[doc].source.Find(field);
    if (value == nullptr || value->is_null() || TypeOf(field) == FieldType::kObject) return {};
    if (value->is_array()) return value->array();
    return {*value};
  }
  // Returns the terms of a field, with empty strings in the position gaps between values, for phrases.
  std::vector<std::string> Terms(const std::string& field, size_t doc) const {
    std::vector<std::string> terms;
    for (const Json& value : Values(field, doc)) {
      if (TypeOf(field) != FieldType::kText) {
        const std::string text = format::ToString(value);
        const std::string plain = value.is_string() ? value.string() : text;
        if (std::find(terms.begin(), terms.end(), plain) == terms.end()) terms.push_back(plain);
        continue;
      }
      if (!terms.empty()) terms.insert(terms.end(), 100, "");
      for (std::string& word : Words(value.string())) terms.push_back(std::move(word));
    }
    return terms;
  }
  static double Count(const std::vector<std::string>& terms, const std::string& term) {
    return static_cast<double>(std::count(terms.begin(), terms.end(), term));
  }
  static double Length(const std::vector<std::string>& terms) {
    return static_cast<double>(terms.size()) - Count(terms, "");
  }
  // The index rounds lengths above 39, so the tests use shorter texts.
  double Bm25(const std::string& field, double idf, double frequency, size_t doc) const {
    double rows = 0, total = 0;
    for (size_t d = 0; d < documents_.size(); ++d) {
      const double length = Length(Terms(field, d));
      rows += length > 0 ? 1 : 0;
      total += length;
    }
    const double dl = Length(Terms(field, doc));
    return idf * frequency / (frequency + 1.2 * (0.25 + 0.75 * dl / (total / rows)));
  }
  double Idf(const std::string& field, const std::string& term) const {
    double rows = 0, with = 0;
    for (size_t d = 0; d < documents_.size(); ++d) {
      const auto terms = Terms(field, d);
      rows += Length(terms) > 0 ? 1 : 0;
      with += Count(terms, term) > 0 ? 1 : 0;
    }
    return std::log(1 + (rows - with + 0.5) / (with + 0.5));
  }
  Score TermScore(const std::string& field, const std::string& term, size_t doc) const {
    const double frequency = Count(Terms(field, doc), term);
    if (frequency == 0) return std::nullopt;
    if (TypeOf(field) == FieldType::kKeyword) return 1.0;
    return Bm25(field, Idf(field, term), frequency, doc);
  }
  static double AsNumber(const Json& value) {
    if (value.is_bool()) return value.boolean() ? 1 : 0;
    if (value.is_string()) return static_cast<double>(format::ParseTime(value.string()).value().value);
    return value.number();
  }
  bool IsNumeric(const std::string& field) const {
    const FieldType type = TypeOf(field);
    return type != FieldType::kText && type != FieldType::kKeyword;
  }

  Score Node(const MatchAll&, size_t, const Query&) { return 1.0; }
  Score Node(const MatchNone&, size_t, const Query&) { return std::nullopt; }
  Score Node(const Match& m, size_t doc, const Query&) {
    if (TypeOf(m.field) != FieldType::kText) return TermNode(m.field, Json(m.text), doc);
    const auto words = Words(m.text);
    double sum = 0;
    size_t matching = 0;
    for (const std::string& word : words) {
      const Score score = TermScore(m.field, word, doc);
      if (!score) continue;
      sum += *score;
      ++matching;
    }
    size_t wanted = m.op == Operator::kAnd ? words.size() : 1;
    if (!m.minimum_should_match.empty() && words.size() > 1 && m.op == Operator::kOr) {
      wanted = std::max<size_t>(1, std::stoul(m.minimum_should_match));
    }
    return matching >= wanted && matching > 0 ? Score(sum) : std::nullopt;
  }
  Score Node(const MatchPhrase& p, size_t doc, const Query&) {
    const auto words = Words(p.text);
    const auto terms = Terms(p.field, doc);
    if (words.empty()) return std::nullopt;
    double count = 0, idf = 0;
    for (size_t i = 0; i + words.size() <= terms.size(); ++i) {
      count += std::equal(words.begin(), words.end(), terms.begin() + static_cast<std::ptrdiff_t>(i)) ? 1 : 0;
    }
    if (count == 0) return std::nullopt;
    for (const std::string& word : words) idf += Idf(p.field, word);
    return Bm25(p.field, idf, count, doc);
  }
  Score Node(const MultiMatch& m, size_t doc, const Query& query) {
    double best = 0, sum = 0;
    bool any = false;
    for (const auto& [field, boost] : m.fields) {
      Match one;
      one.field = field;
      one.text = m.text;
      one.op = m.op;
      const Score score = Node(one, doc, query);
      if (!score) continue;
      any = true;
      best = std::max(best, *score * static_cast<double>(boost));
      sum += *score * static_cast<double>(boost);
    }
    return any ? Score(best + (sum - best) * static_cast<double>(m.tie_breaker)) : std::nullopt;
  }
  Score TermNode(const std::string& field, const Json& value, size_t doc) const {
    if (!IsNumeric(field)) return TermScore(field, value.is_string() ? value.string() : ToString(value), doc);
    for (const Json& v : Values(field, doc)) {
      if (AsNumber(v) != AsNumber(value)) continue;
      return TypeOf(field) == FieldType::kBoolean ? BooleanScore(field, AsNumber(v)) : 1.0;
    }
    return std::nullopt;
  }
  // A boolean field is indexed like a keyword field with two values.
  double BooleanScore(const std::string& field, double value) const {
    double rows = 0, with = 0;
    for (size_t d = 0; d < documents_.size(); ++d) {
      const auto values = Values(field, d);
      rows += values.empty() ? 0 : 1;
      with += !values.empty() && AsNumber(values[0]) == value ? 1 : 0;
    }
    return std::log(1 + (rows - with + 0.5) / (with + 0.5)) / (1 + 1.2);
  }
  Score Node(const Term& t, size_t doc, const Query&) { return TermNode(t.field, t.value, doc); }
  Score Node(const search::Terms& t, size_t doc, const Query&) {
    for (const Json& value : t.values) {
      if (TermNode(t.field, value, doc)) return 1.0;
    }
    return std::nullopt;
  }
  Score Node(const Range& r, size_t doc, const Query&) {
    const bool numeric = IsNumeric(r.field);
    auto compare = [numeric](const Json& a, const Json& b) {
      if (!numeric) return a.string().compare(b.string());
      return AsNumber(a) < AsNumber(b) ? -1 : AsNumber(a) > AsNumber(b) ? 1 : 0;
    };
    for (const Json& v : Values(r.field, doc)) {
      const bool inside =
          (r.gt.is_null() || compare(v, r.gt) > 0) && (r.gte.is_null() || compare(v, r.gte) >= 0) &&
          (r.lt.is_null() || compare(v, r.lt) < 0) && (r.lte.is_null() || compare(v, r.lte) <= 0);
      if (inside) return 1.0;
    }
    return std::nullopt;
  }
  Score Node(const Prefix& p, size_t doc, const Query&) {
    for (const std::string& term : Terms(p.field, doc)) {
      if (term.starts_with(p.value)) return 1.0;
    }
    return std::nullopt;
  }
  Score Node(const Exists& e, size_t doc, const Query&) {
    return Values(e.field, doc).empty() ? std::nullopt : Score(1.0);
  }
  Score Node(const Ids& ids, size_t doc, const Query&) {
    const auto found = std::find(ids.values.begin(), ids.values.end(), documents_[doc].id);
    return found == ids.values.end() ? std::nullopt : Score(1.0);
  }
  Score Node(const Bool& b, size_t doc, const Query&) {
    double sum = 0;
    for (const QueryPtr& q : b.must) {
      const Score score = Visit(q, doc);
      if (!score) return std::nullopt;
      sum += *score;
    }
    for (const QueryPtr& q : b.filter) {
      if (!Visit(q, doc)) return std::nullopt;
    }
    for (const QueryPtr& q : b.must_not) {
      if (Visit(q, doc)) return std::nullopt;
    }
    size_t matching = 0;
    for (const QueryPtr& q : b.should) {
      const Score score = Visit(q, doc);
      if (!score) continue;
      ++matching;
      sum += *score;
    }
    size_t wanted = b.must.empty() && b.filter.empty() && !b.should.empty() ? 1 : 0;
    if (!b.minimum_should_match.empty())
      wanted = std::max<size_t>(wanted, std::stoul(b.minimum_should_match));
    if (matching < wanted) return std::nullopt;
    // A bool query without clauses matches everything.
    const bool empty = b.must.empty() && b.filter.empty() && b.should.empty() && b.must_not.empty();
    return empty ? 1.0 : sum;
  }
  Score Node(const ConstantScore& c, size_t doc, const Query&) {
    return Visit(c.filter, doc) ? Score(1.0) : std::nullopt;
  }
  Score Node(const DisMax& d, size_t doc, const Query&) {
    double best = 0, sum = 0;
    bool any = false;
    for (const QueryPtr& q : d.queries) {
      const Score score = Visit(q, doc);
      if (!score) continue;
      any = true;
      best = std::max(best, *score);
      sum += *score;
    }
    return any ? Score(best + (sum - best) * static_cast<double>(d.tie_breaker)) : std::nullopt;
  }
  // Supports one function, with the default score_mode and boost_mode.
  Score Node(const FunctionScore& f, size_t doc, const Query&) {
    Score score = Visit(f.query, doc);
    if (!score) return score;
    for (const auto& function : f.functions) {
      if (function.filter != nullptr && !Visit(function.filter, doc)) continue;
      if (function.weight) *score *= static_cast<double>(*function.weight);
      if (!function.field_value_factor) continue;
      const auto& factor = *function.field_value_factor;
      const auto values = Values(factor.field, doc);
      double value = values.empty() ? *factor.missing : AsNumber(values[0]);
      for (const Json& v : values) value = std::min(value, AsNumber(v));
      value *= static_cast<double>(static_cast<float>(factor.factor));
      *score *= factor.modifier == "log1p" ? std::log10(value + 1) : value;
    }
    return score;
  }
  Score Node(const Knn& k, size_t doc, const Query& query) {
    auto found = nearest_.find(&query);
    if (found == nearest_.end()) found = nearest_.emplace(&query, Nearest(k)).first;
    const auto at = found->second.find(doc);
    return at == found->second.end() ? std::nullopt : Score(at->second);
  }
  std::map<size_t, double> Nearest(const Knn& k) {
    std::vector<std::pair<double, size_t>> all;  // (-score, document)
    for (size_t d = 0; d < documents_.size(); ++d) {
      const auto values = Values(k.field, d);
      if (values.empty() || !documents_[d].live || (k.filter != nullptr && !Visit(k.filter, d))) continue;
      double squares = 0;
      for (size_t i = 0; i < values.size(); ++i) {
        squares += std::pow(values[i].number() - static_cast<double>(k.vector[i]), 2);
      }
      const double score = 1 / (1 + squares);
      if (k.min_score && score < static_cast<double>(*k.min_score)) continue;
      if (k.max_distance && squares > static_cast<double>(*k.max_distance)) continue;
      all.emplace_back(-score, d);
    }
    std::sort(all.begin(), all.end());
    if (k.k > 0 && all.size() > k.k) all.resize(k.k);
    std::map<size_t, double> kept;
    for (const auto& [minus, d] : all) kept[d] = -minus;
    return kept;
  }
  Score Node(const Hybrid&, size_t, const Query&) { return std::nullopt; }
  Score Node(const ScoredIds& s, size_t doc, const Query&) {
    for (const auto& [id, score] : s.ids) {
      if (id == documents_[doc].id) return static_cast<double>(score);
    }
    return std::nullopt;
  }
  static std::string ToString(const Json& value) { return format::ToString(value); }

  const catalogue::Collection& collection_;
  const std::vector<NaiveDocument>& documents_;
  std::map<const Query*, std::map<size_t, double>> nearest_;
};

}  // namespace

std::vector<NaiveHit> NaiveSearch(const catalogue::Collection& collection,
                                  const std::vector<NaiveDocument>& documents, const search::Query& query) {
  Naive naive(collection, documents);
  std::vector<NaiveHit> hits;
  for (size_t doc = 0; doc < documents.size(); ++doc) {
    if (!documents[doc].live) continue;
    if (const auto score = naive.Visit(query, doc)) hits.push_back({doc, *score});
  }
  return hits;
}

}  // namespace trine::test
