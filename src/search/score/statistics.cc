#include "search/score/statistics.h"

namespace trine::search {

const CollectionStatistics::Field* CollectionStatistics::FieldOf(const std::string& field) {
  const auto known = fields_.find(field);
  if (known != fields_.end()) return known->second.stats.rows == 0 ? nullptr : &known->second;
  Field out;
  for (const auto& segment : reader_.segments()) {
    const index::FieldTerms* terms = segment->terms(field);
    if (terms == nullptr) continue;
    out.stats.rows += terms->row_count();
    out.stats.length += terms->total_length();
  }
  if (out.stats.rows > 0) out.inverse = MakeInverseNorms(out.stats.AverageLength());
  const Field& kept = fields_.emplace(field, std::move(out)).first->second;
  return kept.stats.rows == 0 ? nullptr : &kept;
}

TermStatistics CollectionStatistics::TermOf(const std::string& field, std::string_view term) const {
  TermStatistics out;
  for (const auto& segment : reader_.segments()) {
    const index::FieldTerms* terms = segment->terms(field);
    out.segments.push_back(terms == nullptr ? std::nullopt : terms->Find(term));
    if (out.segments.back()) out.rows += out.segments.back()->row_count;
  }
  return out;
}

}  // namespace trine::search
