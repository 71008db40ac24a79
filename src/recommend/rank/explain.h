// Explain: splits a score into its causes, strongest first.
#pragma once

#include <vector>

#include "history/history.h"
#include "recommend/model/score_weights.h"
#include "recommend/model/scorer.h"
#include "recommend/rank/answer.h"

namespace trine::recommend {

inline constexpr size_t kMaxCauses = 8;  // per item; more would not help a reader

// The causes of an item's score for one person. Their amounts add up to `score`.
struct Explanation {
  double score = 0;
  std::vector<Cause> because;
};
// `events` is the list that HistoryItem::event indexes. The causes in `more` (exploration, promotion) are
// added unchanged; there must be fewer than kMaxCauses. Terms beyond kMaxCauses are added to the kept terms
// of their kind.
Explanation Explain(const Scorer& scorer, const ScoreWeights& weights,
                    const std::vector<history::Event>& events, Item item, std::vector<Cause> more = {});

}  // namespace trine::recommend
