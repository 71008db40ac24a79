// Groups: the cores of all groups, made when first asked for, kept up to date by listening.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "recommend/candidate/group_core.h"
#include "storage/directory.h"

namespace trine::recommend {

// A core that is fresh, under a shared lock that lasts as long as this.
struct ReadyCore {
  std::shared_ptr<GroupCore> core;
  std::shared_lock<FairSharedMutex> lock;
  const LoadedModel* model = nullptr;  // nullptr: none was asked for
};

// Thread-safe.
class Groups {
 public:
  Groups(storage::Directory& directory, const Sources& sources);

  // Everything visible at the call is in it. `model` empty: none.
  Result<ReadyCore> Ready(GroupId group, const std::string& model);
  void Take(GroupId group, const std::vector<history::Event>& events);
  Status Checkpoint();
  Status Drop(GroupId group);
  void ForgetModel(const std::string& model);

  static std::string ModelFile(const std::string& model) { return "model-" + model; }
  static std::string CheckpointFile(GroupId group) { return "counters-" + std::to_string(group.value); }

 private:
  struct Slot {
    std::mutex building;  // one builds, the others wait
    std::mutex mutex;     // guards the pointer
    std::shared_ptr<GroupCore> core;
  };
  std::shared_ptr<Slot> SlotOf(GroupId group);
  static std::shared_ptr<GroupCore> Current(Slot& slot);
  Result<std::shared_ptr<GroupCore>> Build(Slot& slot, GroupId group);
  bool LoadCheckpoint(GroupCore* core);
  Status WriteCheckpoint(GroupCore& core);
  // nullptr when it cannot be read; `tell`: says so in the log.
  std::shared_ptr<const TrainedModel> OpenModel(const std::string& model, bool tell);

  storage::Directory& directory_;
  const Sources sources_;
  std::mutex mutex_;  // guards the map
  std::map<GroupId, std::shared_ptr<Slot>> slots_;
};

}  // namespace trine::recommend
