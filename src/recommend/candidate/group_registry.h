// GroupRegistry: the states of all dataset groups, built on first use and kept current by a listener of the
// history.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "recommend/candidate/group_state.h"
#include "storage/directory.h"

namespace trine::recommend {

// The place of a model in the data directory, under which its loss is reported to TaskHealth.
std::string ModelPath(const std::string& model);
// Says in a sentence without a full stop what follows from a model that cannot be read, and why it cannot.
std::string DescribeLostModel(const std::string& file, const Error& why);

// Owned by the recommender. Thread-safe.
//
// Lock order: Entry::build_mutex, then Entry::mutex or the lock inside a GroupState. `mutex_` guards the
// maps and is a leaf. FoldAppended runs on the thread that appends
// events, and takes the map's lock, Entry::mutex and the state's lock, one after the other.
class GroupRegistry {
 public:
  // Both arguments must outlive the registry. `directory` holds model files and checkpoints.
  GroupRegistry(storage::Directory& directory, const RecommenderDependencies& dependencies);

  // Returns a view that includes everything that was visible at the call, with `model` selected. An empty
  // name selects no model; if the model cannot be read, LoadedModel::model is nullptr. Builds the state if
  // there is none, which takes seconds for millions of events while other requests of the group wait. kIo and
  // kCorrupt come from the stores.
  Result<GroupView> Read(GroupId group, const std::string& model);
  // Folds events that were just appended. Does nothing if the group has no state yet: the first request for
  // the group reads the log.
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
    Mutex mutex;  // held only while `state` is copied or replaced
    std::shared_ptr<GroupState> state TRINE_GUARDED_BY(mutex);
  };
  std::shared_ptr<Entry> EntryOf(GroupId group);
  std::vector<std::shared_ptr<Entry>> Entries();
  static std::shared_ptr<GroupState> Current(Entry& entry);
  // Returns the current state if it is not outdated, else builds a new one.
  Result<std::shared_ptr<GroupState>> Build(Entry& entry, GroupId group);
  // Returns a new state from its checkpoint, or an empty state if there is no usable checkpoint. A broken
  // checkpoint is renamed and logged.
  std::shared_ptr<GroupState> NewState(GroupId group);
  // Requires the entry's build_mutex, or a state that no other thread can access.
  Status WriteCheckpoint(GroupState& state);
  // Returns nullptr if the model cannot be read, which is reported to RecommenderDependencies::tasks;
  // `log_failure`: also to the log.
  std::shared_ptr<const TrainedModel> OpenModel(const std::string& model, bool log_failure);

  storage::Directory& directory_;
  const RecommenderDependencies dependencies_;
  // The end of a group's log when this object was made, until its checkpoint is written again. A checkpoint
  // of an earlier process cannot have counted more.
  EventSeq EndAtOpening(GroupId group);

  Mutex mutex_;
  std::map<GroupId, EventSeq> ends_at_opening_ TRINE_GUARDED_BY(mutex_);
  // mutex_ guards the map, not the entries in it.
  std::map<GroupId, std::shared_ptr<Entry>> entries_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::recommend
