// JSON encodings of training specifications and metrics, and the file names in a training folder.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "recommend/model/item_features.h"
#include "recommend/train/training_spec.h"

namespace trine::recommend {

// The specification that is stored beside a snapshot.
struct SnapshotSpec {
  TrainingSpec training;
  catalogue::Binding binding;  // how items are read from records
  DeclaredFields declared;     // the roles that the binding and the mapping declare
  Millis now;                  // when the snapshot was made
};
// The Read functions return kCorrupt for invalid data; ReadSpec returns kFormatVersion for an
// incompatible version.
std::string WriteSpec(const SnapshotSpec& spec);
Result<SnapshotSpec> ReadSpec(std::string_view json);

std::string WriteMetrics(const TrainingMetrics& metrics);
Result<TrainingMetrics> ReadMetrics(std::string_view json);

// Names of the files in a training folder.
inline constexpr const char* kSpecFile = "spec.json";  // written last: a folder without it is incomplete
inline constexpr const char* kEventsFile = "events.bin";
inline constexpr const char* kUsersFile = "users.bin";
inline constexpr const char* kItemsFile = "items.bin";
inline constexpr const char* kModelFile = "model.bin";
inline constexpr const char* kMetricsFile = "metrics.json";  // written after the model

}  // namespace trine::recommend
