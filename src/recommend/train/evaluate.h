// Offline evaluation on a time split: models see only what came before a moment; everybody who acts
// after it is a question. Full ranking, ties at their mean rank, 95 % intervals by bootstrap over people.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "recommend/train/training_data.h"

namespace trine::recommend {

struct EvaluationOptions {
  double future_share = 0.1;  // of the events, the newest: what is to be found
  size_t max_people = 3000;   // sampled above that
  size_t resamples = 1000;
  uint64_t seed = 1;
};

struct Interval {
  double value = 0, low = 0, high = 0;
};
struct EvaluationArm {
  std::string name;    // "popularity", "recent popularity", "co-occurrence", "served blend"
  Interval hit_at_10;  // share of people who find at least one of their items among ten
  Interval ndcg_at_10;
  double coverage = 0;  // items that somebody is shown, of all
};
struct Evaluation {
  Millis moment;  // of the split
  uint64_t events_before = 0, events_after = 0;
  size_t people = 0, known_people = 0;  // asked, and those of them with a history
  size_t items = 0;
  double seconds_to_fit = 0;
  std::vector<EvaluationArm> arms;
  // What the served blend gains over each other arm, in NDCG@10.
  std::vector<std::pair<std::string, Interval>> gains;
};

// kTooLittleData when nothing lies on one side of the moment.
Result<Evaluation> EvaluateTimeSplit(const TrainingData& data, const TrainingSpec& spec,
                                     const EvaluationOptions& options, const std::stop_token& stop);
// The same of a folder that ExportSnapshot wrote.
Result<Evaluation> EvaluateSnapshot(const std::string& folder, const EvaluationOptions& options,
                                    const std::stop_token& stop);

}  // namespace trine::recommend
