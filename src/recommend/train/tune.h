// Tuning: learns the score weights, and the mapping from scores to probabilities, on the newest part of the
// data.
#pragma once

#include <stop_token>

#include "recommend/train/fit.h"

namespace trine::recommend {

struct TuningResult {
  ScoreWeights weights;
  bool tuned = false;  // false: there were too few people to learn from, and the weights are the plan's
  size_t people = 0;   // number of people learnt from
};
// Holds out the newest tenth of the events. For each person with events in this tenth, items are scored from
// the person's earlier events. A coordinate search then moves one weight after the other over a small grid,
// starting from the plan's weights, and keeps a change only if there is a clear gain. Finally, the
// calibration is fitted (J. Platt, "Probabilistic outputs for support vector machines", 1999). Deterministic
// for a seed. Returns kStopped if stopped. Requires at least one event.
Result<TuningResult> TuneWeights(const TrainingData& data, const RecipePlan& plan, const TrainingSpec& spec,
                                 const std::stop_token& stop);

}  // namespace trine::recommend
