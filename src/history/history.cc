#include "history/history.h"

#include <algorithm>

#include "base/check.h"
#include "base/varint.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {
namespace {

// Returns the import with this number, which was read from a row; adds it as published if it is missing.
Import& FindOrAddImport(uint32_t number, ImportKind kind, EventSeq seq, GroupMeta* meta) {
  if (Import* known = meta->Find(number)) return *known;
  meta->imports.push_back({number, ImportState::kPublished, kind, seq, seq, 0});
  return meta->imports.back();
}

void CountNumber(uint64_t import, GroupMeta* meta) {
  if (import >= meta->next_import && import < UINT32_MAX)
    meta->next_import = static_cast<uint32_t>(import) + 1;
}

Status RecountEvents(const storage::KeyValue& kv, GroupId group, GroupMeta* meta) {
  const std::string end = keys::GroupEnd(group);
  const std::unique_ptr<storage::Cursor> cursor = kv.Scan(storage::Family::kInteractions);
  for (cursor->Seek(keys::Group(group)); cursor->Valid() && cursor->key() < end; cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(4));
    EventSeq seq;
    const auto import = DecodeImportNumber(cursor->value());
    if (!reader.U64(&seq.value) || !import.ok()) continue;
    meta->next = EventSeq{seq.value + 1};
    ++meta->visible_events;
    if (*import == 0) continue;
    Import& known = FindOrAddImport(*import, ImportKind::kEvents, seq, meta);
    CountNumber(*import, meta);
    known.end = meta->next;
    ++known.events;
  }
  return cursor->status();
}

Status RecountUsers(storage::KeyValue& kv, Log& log, GroupId group, GroupMeta* meta) {
  const std::string prefix = keys::Group(group);
  const std::unique_ptr<storage::Cursor> cursor = kv.Scan(storage::Family::kUsers);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(cursor->key().size() - 4));
    uint32_t import = 0;
    if (!reader.U32(&import)) continue;
    if (import != 0) FindOrAddImport(import, ImportKind::kUsers, meta->next, meta);
    CountNumber(import, meta);
    // New import numbers must exceed the stamp of every streamed row. Otherwise the row would count as newer
    // than an import that follows it.
    uint64_t stamp = 0;
    std::string_view value = cursor->value();
    if (ConsumeVarint(&value, &stamp)) CountNumber(stamp, meta);
  }
  TRINE_TRY(cursor->status());
  const GroupLog all(kv, log, group, *meta);
  return all.ScanUsers([&](const User&) -> Result<bool> {
    ++meta->users;
    return true;
  });
}

// Rebuilds a lost summary from the rows. Every import that appears in them counts as published, because rows
// that were once visible must not vanish.
Result<GroupMeta> Recount(storage::KeyValue& kv, Log& log, GroupId group) {
  GroupMeta meta;
  TRINE_TRY(RecountEvents(kv, group, &meta));
  TRINE_TRY(RecountUsers(kv, log, group, &meta));
  std::ranges::sort(meta.imports, {}, &Import::number);
  TRINE_CHECK(meta.imports.empty() || meta.imports.back().number < meta.next_import);
  return meta;
}

}  // namespace

History::History(storage::KeyValue& kv, Log& log) : kv_(kv), log_(log) {}
History::~History() = default;

std::shared_ptr<GroupLog> History::LogOf(GroupId group) const {
  {
    const ReaderLock lock(mutex_);
    if (auto found = groups_.find(group); found != groups_.end()) return found->second;
  }
  TRINE_CHECK_LT(group.value, UINT32_MAX);  // keys::GroupEnd uses group + 1
  const WriterLock lock(mutex_);
  std::shared_ptr<GroupLog>& log = groups_[group];
  if (log == nullptr) log = std::make_shared<GroupLog>(kv_, log_, group, GroupMeta{});
  return log;
}

Result<AppendResult> History::Append(GroupId group, std::vector<Event> events) {
  return LogOf(group)->Append(std::move(events), [&](const std::vector<Event>& kept) {
    for (const Listener& listener : listeners_) listener(group, kept);
  });
}

Result<std::vector<Event>> History::UserEvents(GroupId group, std::string_view user, std::string_view session,
                                               size_t limit) const {
  return LogOf(group)->UserEvents(user, session, limit);
}

Result<PersonItemsParts> History::ItemsOf(GroupId group, std::string_view user, std::string_view session,
                                          size_t newest_per_type) const {
  return LogOf(group)->ItemsOf(user, session, newest_per_type);
}

Result<PersonItemsParts> History::ItemsByColumn(GroupId group, std::string_view user,
                                                std::string_view session, std::string_view column,
                                                size_t newest_per_type) const {
  return LogOf(group)->ItemsByColumn(user, session, column, newest_per_type);
}

Status History::ScanPerson(GroupId group, std::string_view user, std::string_view session,
                           const std::function<bool(const Event&)>& visit) const {
  return LogOf(group)->ScanPerson(user, session, visit);
}

Result<std::optional<std::string>> History::UserOfSession(GroupId group, std::string_view session) const {
  return LogOf(group)->UserOfSession(session);
}

Result<std::string> History::UserForRequest(GroupId group, std::string_view user,
                                            std::string_view session) const {
  return LogOf(group)->UserForRequest(user, session);
}

Status History::Scan(GroupId group, EventSeq from,
                     const std::function<Result<bool>(const Event&)>& visit) const {
  return LogOf(group)->Scan(from, visit);
}

EventSeq History::NextSeq(GroupId group) const { return LogOf(group)->meta()->next; }
uint64_t History::EventCount(GroupId group) const { return LogOf(group)->meta()->visible_events; }
uint64_t History::Epoch(GroupId group) const { return LogOf(group)->meta()->epoch; }

Status History::PutUsers(GroupId group, const std::vector<User>& users) {
  return LogOf(group)->PutUsers(users);
}

Result<std::optional<User>> History::GetUser(GroupId group, std::string_view id) const {
  return LogOf(group)->GetUser(id);
}

Status History::ScanUsers(GroupId group, const std::function<Result<bool>(const User&)>& visit) const {
  return LogOf(group)->ScanUsers(visit);
}

uint64_t History::UserCount(GroupId group) const { return LogOf(group)->meta()->users; }

Result<uint32_t> History::BeginImport(GroupId group) { return LogOf(group)->BeginImport(); }

Status History::AppendImported(GroupId group, uint32_t import, std::vector<Event> events) {
  return LogOf(group)->AppendImported(import, std::move(events));
}

Status History::PutImportedUsers(GroupId group, uint32_t import, const std::vector<User>& users) {
  return LogOf(group)->PutImportedUsers(import, users);
}

Status History::PublishImport(GroupId group, uint32_t import, ImportKind kind, bool replace,
                              const Commit& commit) {
  return LogOf(group)->PublishImport(import, kind, replace, commit);
}

Status History::AbandonImport(GroupId group, uint32_t import) { return LogOf(group)->AbandonImport(import); }

void History::RemoveFailedImports() {
  std::vector<std::shared_ptr<GroupLog>> logs;
  {
    const ReaderLock lock(mutex_);
    for (const auto& [group, log] : groups_) logs.push_back(log);
  }
  for (const auto& log : logs) {
    if (const Status removed = log->RemoveFailedImports(); !removed.ok())
      log_.Warning("cannot remove the rows of an import yet: " + removed.error().ToString());
  }
}

void History::AddListener(Listener listener) {
  TRINE_CHECK(listener != nullptr);
  listeners_.push_back(std::move(listener));
}

Result<Erased> History::EraseUsers(GroupId group, std::vector<std::string> ids, const EraseCommit& commit) {
  const std::vector<std::string> told = ids;
  Result<Erased> erased = LogOf(group)->EraseUsers(std::move(ids), commit);
  if (!told.empty()) TellErased(group, told);
  return erased;
}

Status History::EraseGroup(GroupId group) {
  Status erased = LogOf(group)->EraseAll();
  TellErased(group, {});
  return erased;
}

void History::AddErasureListener(ErasureListener listener) {
  TRINE_CHECK(listener != nullptr);
  const MutexLock lock(erasure_listeners_mutex_);
  erasure_listeners_.push_back(std::move(listener));
}

// Tells the listeners also of an erasure that failed, because earlier batches of it may have removed rows.
void History::TellErased(GroupId group, const std::vector<std::string>& ids) {
  std::vector<ErasureListener> listeners;
  {
    const MutexLock lock(erasure_listeners_mutex_);
    listeners = erasure_listeners_;
  }
  for (const ErasureListener& listener : listeners) listener(group, ids);
}

Result<bool> History::IsPurgePending(GroupId group) const { return LogOf(group)->IsPurgePending(); }

Status History::Purge(GroupId group, const std::stop_token& stop) {
  const MutexLock lock(purge_mutex_);
  return LogOf(group)->Purge(stop);
}

Result<bool> History::PurgeAll(const std::stop_token& stop) {
  std::vector<GroupId> groups;
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(storage::Family::kMeta);
  const std::string_view prefix = keys::kErasedPrefix;
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(prefix.size()));
    GroupId group;
    if (reader.U32(&group.value) && group.value < UINT32_MAX) groups.push_back(group);
  }
  TRINE_TRY(cursor->status());
  for (const GroupId group : groups) TRINE_TRY(Purge(group, stop));
  return !groups.empty();
}

Status History::FinishErasures() {
  std::vector<std::shared_ptr<GroupLog>> logs;
  {
    const ReaderLock lock(mutex_);
    for (const auto& [group, log] : groups_) logs.push_back(log);
  }
  for (const auto& log : logs) TRINE_TRY(log->FinishErasures());
  return Ok();
}

Status History::Load() {
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(storage::Family::kMeta);
  const std::string_view prefix = keys::kGroupMetaPrefix;
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(prefix.size()));
    GroupId group;
    if (!reader.U32(&group.value)) continue;
    auto meta = GroupMeta::Decode(cursor->value());
    // A summary with an unsupported format version is intact. Recounting would overwrite it, and the program
    // version that wrote it could no longer read it.
    if (!meta.ok() && meta.error().kind() == ErrorKind::kFormatVersion) {
      return Error(meta.error()).Where("dataset group " + std::to_string(group.value));
    }
    if (!meta.ok()) {
      log_.Error("the history summary of group " + std::to_string(group.value) +
                 " is damaged; counting the group's rows again");
      meta = Recount(kv_, log_, group);
      TRINE_TRY(meta);
    }
    auto log = std::make_shared<GroupLog>(kv_, log_, group, *std::move(meta));
    // The rows are invisible; the next start removes them.
    if (const Status removed = log->RemoveUnpublishedImports(); !removed.ok())
      log_.Warning("cannot remove an unpublished import: " + removed.error().ToString());
    const WriterLock lock(mutex_);
    groups_[group] = std::move(log);
  }
  TRINE_TRY(cursor->status());
  return cursor->skipped() > 0 ? RecoverGroups() : Ok();
}

// Counts the rows of the groups whose summary is damaged. Without a summary, new events of the group would
// overwrite the existing ones.
Status History::RecoverGroups() {
  const WriterLock lock(mutex_);
  for (const storage::Family family : {storage::Family::kInteractions, storage::Family::kUsers}) {
    const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(family);
    cursor->Seek("");
    while (cursor->Valid()) {
      storage::KeyReader reader(cursor->key());
      GroupId group;
      if (!reader.U32(&group.value) || group.value == UINT32_MAX) break;
      if (!groups_.contains(group)) {
        log_.Error("the history summary of group " + std::to_string(group.value) +
                   " is lost; counting the group's rows again");
        TRINE_ASSIGN(GroupMeta meta, Recount(kv_, log_, group));
        groups_[group] = std::make_shared<GroupLog>(kv_, log_, group, std::move(meta));
      }
      cursor->Seek(keys::GroupEnd(group));
    }
    TRINE_TRY(cursor->status());
  }
  return Ok();
}

void ClampFutureTimes(Millis now, std::vector<Event>* events) {
  for (Event& event : *events) {
    if (event.time <= now) continue;
    event.claimed_time = event.time;
    event.time = now;
  }
}

Result<std::unique_ptr<History>> History::Open(storage::KeyValue& kv, Log& log) {
  std::unique_ptr<History> history(new History(kv, log));
  TRINE_TRY(history->Load());
  return history;
}

}  // namespace trine::history
