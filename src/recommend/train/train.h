// Training: from an exported snapshot of a group to one model file and its metrics. It runs in a
// child process of the same program (never forked without exec, never opening the live database).
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "recommend/model/recipes.h"

namespace trine::recommend {

struct TrainingSpec {
  Recipe recipe = Recipe::kUserPersonalizationV2;
  std::vector<std::pair<std::string, std::string>> hyper_parameters;
  std::string event_type;  // empty: the recipe's own, else all
  std::optional<double> event_value_threshold;
  struct EventWeight {
    std::string type;
    std::optional<double> threshold;
    double weight = 1;
  };
  std::vector<EventWeight> event_weights;
  std::vector<std::pair<std::string, std::string>> excluded_columns;  // dataset type word -> column
  bool update = false;  // bring in new items, keep what was learned
  uint64_t seed = 1;
};

struct TrainingMetrics {
  std::vector<std::pair<std::string, double>>
      values;  // "coverage", "ndcg_at_10" ...; see docs/formats/metrics.md
  uint64_t interactions = 0, users = 0, items = 0;
  double seconds = 0;
};

// Writes events, users and items of a group, and the spec, into `folder` (made when missing): what
// the child reads. Consistent as of one log position. kTooLittleData when there
// is no interaction at all.
Status ExportSnapshot(const std::string& folder, GroupId group, const TrainingSpec& spec,
                      const history::History& history, const catalogue::Catalogue& catalogue,
                      const catalogue::RecordStore& records, Millis now);

// 0..1 and what is being done.
using TrainingProgress = std::function<void(double, const std::string&)>;

// The child's work: reads the snapshot, splits, fits, evaluates, fits on all, writes `model.bin` and
// `metrics.json` into `folder` by atomic renames.
Result<TrainingMetrics> TrainFromSnapshot(const std::string& folder, const TrainingProgress& progress,
                                          const std::stop_token& stop);

// The parent's part: execs `program` with `arguments` (which leads to TrainFromSnapshot) at low
// priority, reads progress lines "progress <0..1> <words>" from its standard output, kills it when
// `stop` is asked. kUnavailable with the last lines of its standard error when it fails.
Result<TrainingMetrics> RunTrainingChild(const std::string& program,
                                         const std::vector<std::string>& arguments, const std::string& folder,
                                         const TrainingProgress& progress, const std::stop_token& stop);

}  // namespace trine::recommend
