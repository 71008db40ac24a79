// What training is asked for, as JSON, beside the snapshot it speaks of.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "recommend/train/train.h"

namespace trine::recommend {

struct SnapshotSpec {
  TrainingSpec training;
  catalogue::Binding binding;  // how items are read out of records
  Millis now;
};
std::string WriteSpec(const SnapshotSpec& spec);
Result<SnapshotSpec> ReadSpec(std::string_view json);

std::string WriteMetrics(const TrainingMetrics& metrics);
Result<TrainingMetrics> ReadMetrics(std::string_view json);

// Names of the files in a training folder.
inline constexpr const char* kSpecFile = "spec.json";  // written last: a folder without it is unfinished
inline constexpr const char* kEventsFile = "events.bin";
inline constexpr const char* kUsersFile = "users.bin";
inline constexpr const char* kItemsFile = "items.bin";
inline constexpr const char* kModelFile = "model.bin";
inline constexpr const char* kMetricsFile = "metrics.json";  // written after the model

}  // namespace trine::recommend
