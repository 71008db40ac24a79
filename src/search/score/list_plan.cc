// Plans whose rows and scores are known at compilation: nearest neighbours, and ids with given scores.
#include <algorithm>

#include "base/check.h"
#include "search/score/nodes.h"

namespace trine::search {

CursorPtr ListPlan::Open(const SegmentContext& segment) const {
  TRINE_CHECK_LT(segment.ordinal, lists_.size());
  const auto& list = lists_[segment.ordinal];
  return list.empty() ? nullptr : std::make_unique<ListCursor>(list);
}

Explanation ListPlan::Explain(const SegmentContext& segment, Row row) const {
  const CursorPtr cursor = Open(segment);
  if (cursor == nullptr || cursor->Advance(row) != row) return NotMatched("not among the " + text_);
  return Matched(cursor->Score(), text_);
}

RowLists FindScoredIds(const ScoredIdsClause& ready, float boost, const index::IndexReader& reader) {
  RowLists lists;
  for (const auto& segment : reader.segments()) {
    std::vector<ScoredRow> rows;
    for (const auto& [id, score] : ready.ids) {
      if (const auto row = segment->Find(id)) rows.push_back({*row, score * boost});
    }
    // The sort is stable, so that the first score of an id counts if the id is listed twice.
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
    const auto same = [](const ScoredRow& a, const ScoredRow& b) { return a.row == b.row; };
    rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
    lists.push_back(std::move(rows));
  }
  return lists;
}

}  // namespace trine::search
