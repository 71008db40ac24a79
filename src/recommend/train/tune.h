// Tuning: learns the weights of the score, and the mapping from scores to probabilities, on the newest part
// of the data.
#pragma once

#include <stop_token>

#include "recommend/train/fit.h"

namespace trine::recommend {

struct TuningResult {
  ScoreWeights weights;
  bool tuned = false;  // false: there were too few people to learn from, and the weights are the plan's
  size_t people = 0;   // that were learnt from
};
// Coordinate search: the newest tenth of the events is held out, and people with events in it are scored
// from those before. The weights move one after the other over a small grid, starting from the plan's, and
// only for a clear gain. Then the calibration is fitted (J. Platt, "Probabilistic outputs for support
// vector machines", 1999). Deterministic for a seed. kStopped when stopped. Requires at least one event.
Result<TuningResult> TuneWeights(const TrainingData& data, const RecipePlan& plan, const TrainingSpec& spec,
                                 const std::stop_token& stop);

}  // namespace trine::recommend
