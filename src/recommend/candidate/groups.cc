#include "recommend/candidate/groups.h"

namespace trine::recommend {
namespace {

// A refold of so many events is worth a checkpoint at once: the next start must not pay again.
constexpr uint64_t kWorthKeeping = 20'000;

}  // namespace

Groups::Groups(storage::Directory& directory, const Sources& sources)
    : directory_(directory), sources_(sources) {}

std::shared_ptr<Groups::Slot> Groups::SlotOf(GroupId group) {
  const std::lock_guard lock(mutex_);
  auto& slot = slots_[group];
  if (slot == nullptr) slot = std::make_shared<Slot>();
  return slot;
}

std::shared_ptr<GroupCore> Groups::Current(Slot& slot) {
  const std::lock_guard lock(slot.mutex);
  return slot.core;
}

void Groups::Take(GroupId group, const std::vector<history::Event>& events) {
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(group);
    if (found == slots_.end()) return;  // nobody asked yet: the log is folded when somebody does
    slot = found->second;
  }
  const std::shared_ptr<GroupCore> core = Current(*slot);
  if (core == nullptr) return;
  const std::unique_lock lock(core->mutex);
  core->Take(events);
}

bool Groups::LoadCheckpoint(GroupCore* core) {
  const std::string name = CheckpointFile(core->group());
  auto bytes = directory_.Open(name);
  if (!bytes.ok()) return false;
  auto file = SectionFile::Open(*std::move(bytes), GroupCore::kFileKind);
  Status loaded = file.ok() ? core->Load(*file) : Status(file.error());
  if (loaded.ok()) return true;
  if (loaded.error().kind() != ErrorKind::kConflict) {
    sources_.log.Warning("set aside the checkpoint " + name +
                         ", counting from the log again: " + loaded.error().ToString());
    if (const Status renamed = directory_.Rename(name, name + ".broken"); !renamed.ok()) {
      sources_.log.Warning("could not rename it: " + renamed.error().ToString());
    }
  }
  return false;
}

Result<std::shared_ptr<GroupCore>> Groups::Build(Slot& slot, GroupId group) {
  const std::lock_guard building(slot.building);
  if (auto core = Current(slot); core != nullptr) {
    const std::shared_lock lock(core->mutex);
    if (!core->Outdated()) return core;
  }
  auto core = std::make_shared<GroupCore>(sources_, group);
  if (!LoadCheckpoint(core.get())) core = std::make_shared<GroupCore>(sources_, group);
  const uint64_t before = core->statistics.folded();
  TRINE_TRY(before > 0 ? core->Refresh() : core->FoldAll());
  if (core->statistics.folded() - before >= kWorthKeeping) {
    if (const Status written = WriteCheckpoint(*core); !written.ok()) {
      sources_.log.Warning("no checkpoint could be written: " + written.error().ToString());
    }
  }
  {
    const std::lock_guard lock(slot.mutex);
    slot.core = core;
  }
  return core;
}

std::shared_ptr<const TrainedModel> Groups::OpenModel(const std::string& model, bool tell) {
  auto bytes = directory_.Open(ModelFile(model));
  auto opened = bytes.ok() ? TrainedModel::Open(*std::move(bytes)) : bytes.error();
  if (opened.ok()) return *std::move(opened);
  if (tell) sources_.log.Error("the model " + model + " cannot be read: " + opened.error().ToString());
  return nullptr;
}

Result<ReadyCore> Groups::Ready(GroupId group, const std::string& model) {
  const std::shared_ptr<Slot> slot = SlotOf(group);
  // Under a steady stream of writes a core may be stale again at once: what was visible at the call
  // is in it after one refresh, so two looks are enough.
  for (int look = 0;; ++look) {
    ReadyCore ready;
    ready.core = Current(*slot);
    if (ready.core == nullptr) {
      TRINE_ASSIGN(ready.core, Build(*slot, group));
    }
    ready.lock = std::shared_lock(ready.core->mutex);
    if (ready.core->Outdated()) {
      ready.lock.unlock();
      TRINE_ASSIGN(ready.core, Build(*slot, group));
      ready.lock = std::shared_lock(ready.core->mutex);
    }
    GroupCore& core = *ready.core;
    const auto found = core.models.find(model);
    const bool has_model =
        model.empty() ||
        (found != core.models.end() && (look >= 2 || (found->second.model != nullptr &&
                                                      found->second.items.live_size() == core.items.size())));
    if (has_model && (core.Fresh() || look >= 2)) {
      if (!model.empty()) ready.model = &found->second;
      return ready;
    }
    ready.lock.unlock();
    const std::unique_lock lock(core.mutex);
    TRINE_TRY(core.Refresh());
    if (model.empty()) continue;
    auto [entry, fresh] = core.models.try_emplace(model);
    if (entry->second.model == nullptr) entry->second.model = OpenModel(model, fresh);
    if (entry->second.model != nullptr) entry->second.items.Extend(*entry->second.model, core.items);
  }
}

Status Groups::WriteCheckpoint(GroupCore& core) {
  std::string bytes;
  {
    const std::shared_lock lock(core.mutex);
    bytes = core.Save();
    core.checkpointed = core.statistics.folded();
  }
  return storage::WriteFileAtomically(directory_, CheckpointFile(core.group()), bytes);
}

Status Groups::Checkpoint() {
  std::vector<std::shared_ptr<Slot>> slots;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [group, slot] : slots_) slots.push_back(slot);
  }
  for (const auto& slot : slots) {
    const std::lock_guard building(slot->building);
    const auto core = Current(*slot);
    if (core == nullptr) continue;
    {
      const std::shared_lock lock(core->mutex);
      if (core->Outdated() || core->statistics.folded() == core->checkpointed) continue;
    }
    TRINE_TRY(WriteCheckpoint(*core));
  }
  return Ok();
}

Status Groups::Drop(GroupId group) {
  {
    const std::lock_guard lock(mutex_);
    slots_.erase(group);
  }
  Status removed = directory_.Remove(CheckpointFile(group));
  if (!removed.ok() && removed.error().kind() != ErrorKind::kNotFound) return removed;
  return Ok();
}

void Groups::ForgetModel(const std::string& model) {
  std::vector<std::shared_ptr<Slot>> slots;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [group, slot] : slots_) slots.push_back(slot);
  }
  for (const auto& slot : slots) {
    if (const auto core = Current(*slot); core != nullptr) {
      const std::unique_lock lock(core->mutex);
      core->models.erase(model);
    }
  }
}

}  // namespace trine::recommend
