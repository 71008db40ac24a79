// Lowers match and match_phrase.
#include <algorithm>

#include "base/check.h"
#include "search/query/lower_fields.h"
#include "search/query/minimum_should_match.h"

namespace trine::search {
namespace {

using catalogue::Field;

// Terms grouped by position, in ascending order. Terms at the same position are alternatives.
using Positions = std::vector<std::pair<uint32_t, std::vector<std::string>>>;

Result<Positions> Analyze(const Schema& schema, const Field& field, const std::string& analyzer_name,
                          const std::string& text) {
  TRINE_ASSIGN(const AnalyzerPtr analyzer, schema.SearchAnalyzer(field, analyzer_name));
  std::vector<analysis::Token> tokens;
  analyzer->Analyze(text, &tokens);
  Positions positions;
  for (analysis::Token& token : tokens) {
    if (positions.empty() || positions.back().first != token.position) {
      positions.push_back({token.position, {}});
    }
    auto& terms = positions.back().second;
    if (std::find(terms.begin(), terms.end(), token.term) == terms.end()) {
      terms.push_back(std::move(token.term));
    }
  }
  return positions;
}

Result<ClausePtr> MatchText(const Match& match, const Field& field, const Schema& schema) {
  TRINE_ASSIGN(Positions positions, Analyze(schema, field, match.analyzer, match.text));
  if (positions.empty()) {
    if (match.zero_terms_all) return MakeClause(AllRows{});
    return MakeClause(NoRows{"no term is left after analysis"});
  }
  std::vector<ClausePtr> clauses;
  for (auto& [position, terms] : positions) {
    std::sort(terms.begin(), terms.end());
    clauses.push_back(MakeClause(TermClause{match.field, std::move(terms)}));
  }
  // minimum_should_match does not apply to a single term, as in OpenSearch.
  if (clauses.size() == 1) return clauses.front();
  BooleanClause all;
  if (match.op == Operator::kAnd) {
    all.must = std::move(clauses);
  } else {
    if (!match.minimum_should_match.empty()) {
      TRINE_ASSIGN(all.at_least,
                   MinimumShouldMatch(match.minimum_should_match, static_cast<int>(clauses.size())));
    }
    all.should = std::move(clauses);
  }
  return MakeClause(std::move(all));
}

}  // namespace

bool IsNameOfRow(const std::string& field) { return field == "_id" || field == "_index"; }

Result<ClausePtr> LowerMatch(const Match& match, const Schema& schema) {
  if (IsNameOfRow(match.field)) return LowerTerm(Term{match.field, match.text}, schema);
  const Field* field = FindLeaf(schema, match.field);
  if (field == nullptr) return LowerUnmapped(match.field);
  if (KindOf(field->type) == ValueKind::kText) {
    if (!field->index) return LowerTerm(Term{match.field, match.text}, schema);
    return MatchText(match, *field, schema);
  }
  Result<ClausePtr> value = LowerTerm(Term{match.field, match.text}, schema);
  if (!value.ok() && match.lenient) return MakeClause(NoRows{value.error().message});
  return value;
}

Result<ClausePtr> LowerPhrase(const MatchPhrase& phrase, const Schema& schema) {
  if (IsNameOfRow(phrase.field)) return LowerTerm(Term{phrase.field, phrase.text}, schema);
  const Field* field = FindLeaf(schema, phrase.field);
  if (field == nullptr) return LowerUnmapped(phrase.field);
  if (KindOf(field->type) != ValueKind::kText || !field->index) {
    return LowerTerm(Term{phrase.field, phrase.text}, schema);
  }
  TRINE_ASSIGN(Positions positions, Analyze(schema, *field, phrase.analyzer, phrase.text));
  if (positions.empty()) return MakeClause(NoRows{"no term is left after analysis"});
  if (positions.size() == 1) {
    std::sort(positions.front().second.begin(), positions.front().second.end());
    return MakeClause(TermClause{phrase.field, std::move(positions.front().second)});
  }
  const uint32_t first = positions.front().first;
  for (auto& at : positions) {
    TRINE_DCHECK_GE(at.first, first);
    at.first -= first;
  }
  return MakeClause(PhraseClause{phrase.field, std::move(positions), phrase.slop});
}

}  // namespace trine::search
