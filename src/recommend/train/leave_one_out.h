// Leave-one-out evaluation over item sequences, as the literature's tables do it: full ranking, the
// last item of each person is the target, the one before is given but not trained on, seen items are
// taken out, an item never trained on is a miss, ties count as their mean rank.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "recommend/model/rules.h"

namespace trine::recommend {

// One person a line: a user id, then item ids in order. kInvalid names a line that is no such list.
struct ItemSequences {
  Sequences sequences;
  size_t items = 0;
};
Result<ItemSequences> ReadSequences(std::string_view text);

struct LeaveOneOut {
  size_t people = 0;
  double recall_at_10 = 0, ndcg_at_10 = 0;
  double seconds_to_fit = 0;
};
LeaveOneOut EvaluateRules(const ItemSequences& data, const RuleOptions& options = {});

// NDCG's gain of one target at a (possibly fractional, tied) rank from 1: 0 past `k`.
double GainAt(double rank, double k);
// Mean rank from 1 of a score among others: 1 + how many are above + half of those equal (not counting
// itself).
double MeanRank(size_t above, size_t equal);

}  // namespace trine::recommend
