#include "recommend/candidate/group_registry.h"

#include <charconv>
#include <utility>

#include "base/task_health.h"

namespace trine::recommend {
namespace {

// If building a group's state had to fold at least this many events, a checkpoint is written at once, so that
// the next start need not fold them again.
constexpr uint64_t kCheckpointAfter = 20'000;
// After this many refreshes, Read returns a state that is still not fresh: under a steady stream of writes,
// it may be stale again right after each refresh. One refresh processes everything that was visible at the
// call; a second one covers a model that appeared meanwhile.
constexpr int kMaxRefreshes = 2;

}  // namespace

std::string DescribeLostModel(const std::string& file, const Error& why) {
  return "the model " + file +
         " cannot be read, and its campaigns answer from counters alone; train again, or restore the file "
         "from a backup: " +
         why.ToString();
}

std::string ModelPath(const std::string& model) { return "models/" + GroupRegistry::ModelFile(model); }

GroupRegistry::GroupRegistry(storage::Directory& directory, const RecommenderDependencies& dependencies)
    : directory_(directory), dependencies_(dependencies) {
  constexpr std::string_view kPrefix = "counters-";
  const auto names = directory_.List();
  if (!names.ok()) return;  // opening the checkpoint reports it
  const MutexLock lock(mutex_);
  for (const std::string& name : *names) {
    GroupId group;
    const char* end = name.data() + name.size();
    if (!name.starts_with(kPrefix)) continue;
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, group.value);
    if (parsed.ec == std::errc() && parsed.ptr == end)
      ends_at_opening_[group] = dependencies_.history.NextSeq(group);
  }
}

EventSeq GroupRegistry::EndAtOpening(GroupId group) {
  {
    const MutexLock lock(mutex_);
    if (const auto found = ends_at_opening_.find(group); found != ends_at_opening_.end())
      return found->second;
  }
  return dependencies_.history.NextSeq(group);
}

std::shared_ptr<GroupRegistry::Entry> GroupRegistry::EntryOf(GroupId group) {
  const MutexLock lock(mutex_);
  auto& entry = entries_[group];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

std::vector<std::shared_ptr<GroupRegistry::Entry>> GroupRegistry::Entries() {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Entry>> entries;
  entries.reserve(entries_.size());
  for (const auto& [group, entry] : entries_) entries.push_back(entry);
  return entries;
}

std::shared_ptr<GroupState> GroupRegistry::Current(Entry& entry) {
  const MutexLock lock(entry.mutex);
  return entry.state;
}

void GroupRegistry::FoldAppended(GroupId group, const std::vector<history::Event>& events) {
  std::shared_ptr<Entry> entry;
  {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(group);
    if (found == entries_.end()) return;
    entry = found->second;
  }
  if (const std::shared_ptr<GroupState> state = Current(*entry); state != nullptr) {
    state->FoldAppended(events);
  }
}

std::shared_ptr<GroupState> GroupRegistry::NewState(GroupId group) {
  const std::string name = CheckpointFile(group);
  auto bytes = directory_.Open(name);
  if (!bytes.ok()) return std::make_shared<GroupState>(dependencies_, group);
  auto state = std::make_shared<GroupState>(dependencies_, group);
  auto file = SectionFile::Open(*std::move(bytes), GroupState::kFileKind);
  const Status loaded = file.ok() ? state->Load(*file, EndAtOpening(group)) : Status(file.error());
  if (loaded.ok()) return state;
  if (loaded.error().kind() != ErrorKind::kConflict) {
    dependencies_.log.Warning("cannot read the checkpoint " + name +
                              "; renaming it and reading the event log again: " + loaded.error().ToString());
    if (const Status renamed = directory_.Rename(name, name + ".broken"); !renamed.ok()) {
      dependencies_.log.Warning("cannot rename the checkpoint " + name + ": " + renamed.error().ToString());
    }
  }
  return std::make_shared<GroupState>(dependencies_, group);
}

Result<std::shared_ptr<GroupState>> GroupRegistry::Build(Entry& entry, GroupId group) {
  const MutexLock building(entry.build_mutex);
  if (auto current = Current(entry); current != nullptr && !GroupView(current).IsOutdated()) return current;
  std::shared_ptr<GroupState> state = NewState(group);
  TRINE_ASSIGN(const uint64_t folded, state->CatchUp());
  if (folded >= kCheckpointAfter) {
    if (const Status written = WriteCheckpoint(*state); !written.ok()) {
      dependencies_.log.Warning("cannot write a checkpoint: " + written.error().ToString());
    }
  }
  const MutexLock lock(entry.mutex);
  entry.state = state;
  return state;
}

std::shared_ptr<const TrainedModel> GroupRegistry::OpenModel(const std::string& model, bool log_failure) {
  auto bytes = directory_.Open(ModelFile(model));
  auto opened = bytes.ok() ? TrainedModel::Open(*std::move(bytes)) : bytes.error();
  if (opened.ok()) {
    if (dependencies_.tasks != nullptr) dependencies_.tasks->Works(ModelPath(model));
    return *std::move(opened);
  }
  const std::string what = DescribeLostModel(ModelPath(model), opened.error());
  if (log_failure) dependencies_.log.Error(what);
  if (dependencies_.tasks != nullptr) dependencies_.tasks->Reports(ModelPath(model), what);
  return nullptr;
}

Result<GroupView> GroupRegistry::Read(GroupId group, const std::string& model) {
  const std::shared_ptr<Entry> entry = EntryOf(group);
  const GroupState::ModelOpener open = [this](const std::string& name, bool first) {
    return OpenModel(name, first);
  };
  for (int refreshes = 0;; ++refreshes) {
    const bool accept_stale = refreshes >= kMaxRefreshes;
    std::shared_ptr<GroupState> state = Current(*entry);
    if (state == nullptr) {
      TRINE_ASSIGN(state, Build(*entry, group));
    }
    GroupView view(state);
    if (view.IsOutdated()) {
      view = GroupView();  // unlocks the state, because Build locks it again
      TRINE_ASSIGN(state, Build(*entry, group));
      view = GroupView(state);
    }
    if (view.SelectModel(model, accept_stale) && (accept_stale || view.IsFresh())) return view;
    view = GroupView();
    TRINE_TRY(state->Refresh(model, open));
  }
}

Status GroupRegistry::WriteCheckpoint(GroupState& state) {
  const GroupState::Checkpoint checkpoint = state.Save();
  TRINE_TRY(storage::WriteFileAtomically(directory_, CheckpointFile(state.group()), checkpoint.bytes));
  state.MarkCheckpointed(checkpoint);
  const MutexLock lock(mutex_);
  ends_at_opening_.erase(state.group());
  return Ok();
}

Status GroupRegistry::Checkpoint() {
  for (const std::shared_ptr<Entry>& entry : Entries()) {
    const MutexLock building(entry->build_mutex);
    const std::shared_ptr<GroupState> state = Current(*entry);
    if (state != nullptr && state->NeedsCheckpoint()) TRINE_TRY(WriteCheckpoint(*state));
  }
  return Ok();
}

Status GroupRegistry::Drop(GroupId group) {
  {
    const MutexLock lock(mutex_);
    entries_.erase(group);
  }
  Status removed = directory_.Remove(CheckpointFile(group));
  if (!removed.ok() && removed.error().kind() != ErrorKind::kNotFound) return removed;
  return Ok();
}

void GroupRegistry::ForgetModel(const std::string& model) {
  for (const std::shared_ptr<Entry>& entry : Entries()) {
    if (const auto state = Current(*entry); state != nullptr) state->ForgetModel(model);
  }
}

}  // namespace trine::recommend
