// Training: turns an exported snapshot of a group into one model file and its metrics. It runs in a child
// process that executes the same program and never opens the live database.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "recommend/train/training_spec.h"

namespace trine::recommend {

// Writes the events, users and items of a group, and the specification, into `folder`, which is created if it
// is missing. The specification is written last: a folder without it is incomplete. Returns kTooLittleData if
// the group has no interactions; kIo and kCorrupt come from the stores.
Status ExportSnapshot(const std::string& folder, GroupId group, const TrainingSpec& spec,
                      const history::History& history, const catalogue::Catalogue& catalogue,
                      const catalogue::RecordStore& records, Millis now,
                      const catalogue::DeclaredRoles* declared_roles = nullptr);

// The memory that training on a snapshot takes, in bytes, estimated from the sizes of its files.
Result<size_t> TrainingMemory(const std::string& folder);

// Receives the progress, 0..1, and the name of the current step.
using TrainingProgress = std::function<void(double, const std::string&)>;

// The child's work: reads the snapshot, tunes the weights, fits and evaluates on a split, fits on everything,
// and writes `model.bin` and then `metrics.json` into `folder` by atomic renames. Returns kTooLittleData if
// no event counts, kStopped if stopped, and kCorrupt for a damaged snapshot.
Result<TrainingMetrics> TrainFromSnapshot(const std::string& folder, const TrainingProgress& progress,
                                          const std::stop_token& stop);

// Called first in the child: makes the kernel kill this process when the process `parent`, which started it,
// ends. kStopped if it has ended already.
Status EndWithParent(int parent);

// The parent's part: runs `program` at low priority, with `arguments` that make it call TrainFromSnapshot,
// followed by the id of this process for EndWithParent. The child inherits no descriptors but its standard
// ones, no signal handlers and no signal mask.
// Reads progress lines ("progress 0.25 fitting") from the child's standard output, and kills the child when a
// stop is requested. Blocks until the child has ended. Returns kStopped if stopped, and kUnavailable with the
// end of the child's standard error if the child fails.
Result<TrainingMetrics> RunTrainingChild(const std::string& program,
                                         const std::vector<std::string>& arguments, const std::string& folder,
                                         const TrainingProgress& progress, const std::stop_token& stop);

}  // namespace trine::recommend
