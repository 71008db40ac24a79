// GroupRegistry: the states of all dataset groups, built when first needed and kept current by listening to
// the history.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "recommend/candidate/group_state.h"
#include "storage/directory.h"

namespace trine::recommend {

// Owned by the recommender. Thread-safe.
//
// Lock order: Entry::build_mutex, then Entry::mutex or the lock inside a GroupState. `mutex_` guards the
// map only and is never held together with another lock. FoldAppended runs on the thread that appends
// events, and takes the map's lock, Entry::mutex and the state's lock, one after the other.
class GroupRegistry {
 public:
  // Both outlive the registry. `directory` holds model files and checkpoints.
  GroupRegistry(storage::Directory& directory, const RecommenderDependencies& dependencies);

  // A view that holds everything that was visible at the call, with `model` selected (empty: none; see
  // GroupView::model for one that cannot be read). Builds the state when there is none: seconds for millions
  // of events, while other requests of the group wait. kIo and kCorrupt come from the stores.
  Result<GroupView> Read(GroupId group, const std::string& model);
  // Folds events that were just appended. Without a state this does nothing: the log is read when a request
  // needs the group.
  void FoldAppended(GroupId group, const std::vector<history::Event>& events);
  // Writes the checkpoint of every group that changed since its last one. Stops at the first failure.
  Status Checkpoint();
  // Forgets a group and deletes its checkpoint. An unknown group is not an error.
  Status Drop(GroupId group);
  // Makes the next request of every group open the model's file again.
  void ForgetModel(const std::string& model);

  static std::string ModelFile(const std::string& model) { return "model-" + model; }
  static std::string CheckpointFile(GroupId group) { return "counters-" + std::to_string(group.value); }

 private:
  struct Entry {
    // Held while a state is built or checkpointed; other builders wait.
    Mutex build_mutex TRINE_ACQUIRED_BEFORE(mutex);
    Mutex mutex;  // held to copy or replace the pointer only
    std::shared_ptr<GroupState> state TRINE_GUARDED_BY(mutex);
  };
  std::shared_ptr<Entry> EntryOf(GroupId group);
  std::vector<std::shared_ptr<Entry>> Entries();
  static std::shared_ptr<GroupState> Current(Entry& entry);
  // The current state when it is not outdated, else a new one.
  Result<std::shared_ptr<GroupState>> Build(Entry& entry, GroupId group);
  // A new state from its checkpoint, or an empty one when there is no usable checkpoint. A broken checkpoint
  // is renamed and logged.
  std::shared_ptr<GroupState> NewState(GroupId group);
  // Requires the entry's build_mutex, or a state that no other thread knows.
  Status WriteCheckpoint(GroupState& state);
  // nullptr when the model cannot be read; with `log_failure` the log says why.
  std::shared_ptr<const TrainedModel> OpenModel(const std::string& model, bool log_failure);

  storage::Directory& directory_;
  const RecommenderDependencies dependencies_;
  Mutex mutex_;
  std::map<GroupId, std::shared_ptr<Entry>> entries_ TRINE_GUARDED_BY(mutex_);  // not what they point to
};

}  // namespace trine::recommend
