// Leave-one-out evaluation over item sequences, by the protocol that is usual in the literature. The target
// is the last item of each person. The item before it is part of the input, but is not trained on. Every item
// outside the person's history is ranked. A target that occurs in no training sequence is a miss; ties get
// their mean rank.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "recommend/model/rules.h"

namespace trine::recommend {

// Read from text with one line per person: a user id, then item ids, oldest first. ReadSequences returns
// kInvalid with the number of the first malformed line.
struct ItemSequences {
  Sequences sequences;
  size_t items = 0;
};
Result<ItemSequences> ReadSequences(std::string_view text);

// Means over people with at least three items.
struct LeaveOneOutResult {
  size_t people = 0;
  double recall_at_10 = 0, ndcg_at_10 = 0;
  double seconds_to_fit = 0;
};
LeaveOneOutResult EvaluateRules(const ItemSequences& data, const RuleOptions& options = {});

// The gain of one target in NDCG@k; 0 beyond rank k. Ranks begin at 1, and ties may make them fractional.
double GainAt(double rank, double k);
// The mean rank, counted from 1, of a score if `above` other scores are greater and `equal` others are equal.
double MeanRank(size_t above, size_t equal);

}  // namespace trine::recommend
