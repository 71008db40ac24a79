// Offline evaluation on a time split: models are fitted to the events before a moment, and everybody with
// later events is tested on them. All candidates are ranked, ties get their mean rank, and 95 % intervals
// come from a bootstrap over people.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "recommend/train/training_data.h"

namespace trine::recommend {

struct EvaluationOptions {
  double future_share = 0.1;  // this share of the events, the newest, is to be predicted
  size_t max_people = 3000;   // if there are more, a sample of this size is tested
  size_t resamples = 1000;    // bootstrap samples
  uint64_t seed = 1;
};

// A mean and its 95 % interval.
struct Interval {
  double value = 0, low = 0, high = 0;
};
struct EvaluationArm {
  std::string name;    // "popularity", "recent popularity", "co-occurrence", "repetition", "served blend"
  Interval hit_at_10;  // share of people with at least one of their targets among the first ten
  Interval ndcg_at_10;
  double coverage = 0;  // share of the candidates shown to at least one person
};
struct Evaluation {
  Millis moment;  // where the data was split
  uint64_t events_before = 0, events_after = 0;
  size_t people = 0, known_people = 0;  // tested people, and how many of them have earlier events
  size_t items = 0;                     // candidates
  double seconds_to_fit = 0;
  std::vector<EvaluationArm> arms;
  // The gain of the served weights over each of the other arms, in NDCG@10.
  std::vector<std::pair<std::string, Interval>> gains;
};

// Returns kTooLittleData if there are too few events to split, and kStopped if stopped.
Result<Evaluation> EvaluateTimeSplit(const TrainingData& data, const TrainingSpec& spec,
                                     const EvaluationOptions& options, const std::stop_token& stop);
// EvaluateTimeSplit for the data in a folder that ExportSnapshot wrote.
Result<Evaluation> EvaluateSnapshot(const std::string& folder, const EvaluationOptions& options,
                                    const std::stop_token& stop);

}  // namespace trine::recommend
