// Tune: learns the blend's weights, and what a score means as a chance, on the newest part of the data.
#pragma once

#include <stop_token>

#include "recommend/train/fit.h"

namespace trine::recommend {

// The newest tenth of the events is held back; people who have some are scored from what came
// before. Weights move one after the other over a small grid, from the plan's own, and only for a
// clear gain. `tuned` is false (and the blend the plan's) when there are too few such people.
struct Tuned {
  Blend blend;
  bool tuned = false;
  size_t people = 0;
};
Result<Tuned> TuneBlend(const TrainingData& data, const RecipePlan& plan, const TrainingSpec& spec,
                        const std::stop_token& stop);

}  // namespace trine::recommend
