#include "history/history.h"

#include <algorithm>
#include <map>
#include <shared_mutex>

#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {
namespace {

using ImportKind = History::ImportKind;

// Hands every call to the log of its group. Groups come into being at their first use.
class HistoryStore final : public History {
 public:
  HistoryStore(storage::KeyValue& kv, Log& log) : kv_(kv), log_(log) {}

  Status Open();

  Result<Appended> Append(GroupId group, std::vector<Event> events) override {
    return LogOf(group)->Append(std::move(events), [&](const std::vector<Event>& kept) {
      for (const Listener& listener : listeners_) listener(group, kept);
    });
  }
  Result<std::vector<Event>> UserEvents(GroupId group, std::string_view user, std::string_view session,
                                        size_t limit) const override {
    return LogOf(group)->UserEvents(user, session, limit);
  }
  Status Scan(GroupId group, EventSeq from,
              const std::function<Result<bool>(const Event&)>& visit) const override {
    return LogOf(group)->Scan(from, visit);
  }
  EventSeq NextSeq(GroupId group) const override { return LogOf(group)->meta()->next; }
  uint64_t EventCount(GroupId group) const override { return LogOf(group)->meta()->visible_events; }
  uint64_t Epoch(GroupId group) const override { return LogOf(group)->meta()->epoch; }

  Status PutUsers(GroupId group, std::vector<User> users) override { return LogOf(group)->PutUsers(users); }
  Result<std::optional<User>> GetUser(GroupId group, std::string_view id) const override {
    return LogOf(group)->GetUser(id);
  }
  Status ScanUsers(GroupId group, const std::function<Result<bool>(const User&)>& visit) const override {
    return LogOf(group)->ScanUsers(visit);
  }
  uint64_t UserCount(GroupId group) const override { return LogOf(group)->meta()->users; }

  Result<uint32_t> BeginImport(GroupId group) override { return LogOf(group)->BeginImport(); }
  Status AppendImported(GroupId group, uint32_t import, std::vector<Event> events) override {
    return LogOf(group)->AppendImported(import, std::move(events));
  }
  Status PutImportedUsers(GroupId group, uint32_t import, std::vector<User> users) override {
    return LogOf(group)->PutImportedUsers(import, users);
  }
  Status PublishImport(GroupId group, uint32_t import, ImportKind kind, bool replace) override {
    return LogOf(group)->PublishImport(import, kind, replace);
  }
  Status AbandonImport(GroupId group, uint32_t import) override {
    return LogOf(group)->AbandonImport(import);
  }

  void Listen(Listener listener) override { listeners_.push_back(std::move(listener)); }
  Status EraseUser(GroupId group, std::string_view id) override { return LogOf(group)->EraseUser(id); }
  Status EraseGroup(GroupId group) override { return LogOf(group)->EraseAll(); }

 private:
  std::shared_ptr<GroupLog> LogOf(GroupId group) const {
    {
      const std::shared_lock lock(mutex_);
      if (auto found = groups_.find(group); found != groups_.end()) return found->second;
    }
    const std::unique_lock lock(mutex_);
    std::shared_ptr<GroupLog>& log = groups_[group];
    if (log == nullptr) log = std::make_shared<GroupLog>(kv_, log_, group, GroupMeta{});
    return log;
  }
  Result<GroupMeta> Recount(GroupId group) const;
  Status RecountEvents(GroupId group, GroupMeta* meta) const;
  Status RecountUsers(GroupId group, GroupMeta* meta) const;

  storage::KeyValue& kv_;
  Log& log_;
  std::vector<Listener> listeners_;
  mutable std::shared_mutex mutex_;
  mutable std::map<GroupId, std::shared_ptr<GroupLog>> groups_;
};

// The import of a row that was found, known as published from now on.
Import& Found(uint32_t number, ImportKind kind, EventSeq seq, GroupMeta* meta) {
  if (Import* known = meta->Find(number)) return *known;
  meta->imports.push_back({number, ImportState::kPublished, kind, seq, seq, 0});
  return meta->imports.back();
}

void CountNumber(uint64_t import, GroupMeta* meta) {
  if (import >= meta->next_import && import < UINT32_MAX)
    meta->next_import = static_cast<uint32_t>(import) + 1;
}

Status HistoryStore::RecountEvents(GroupId group, GroupMeta* meta) const {
  const std::string end = keys::GroupEnd(group);
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(storage::Family::kInteractions);
  for (cursor->Seek(keys::Group(group)); cursor->Valid() && cursor->key() < end; cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(4));
    EventSeq seq;
    const auto import = ImportOf(cursor->value());
    if (!reader.U64(&seq.value) || !import.ok()) continue;
    meta->next = EventSeq{seq.value + 1};
    ++meta->visible_events;
    if (*import == 0) continue;
    Import& known = Found(*import, ImportKind::kEvents, seq, meta);
    CountNumber(*import, meta);
    known.end = meta->next;
    ++known.events;
  }
  return cursor->status();
}

Status HistoryStore::RecountUsers(GroupId group, GroupMeta* meta) const {
  const std::string prefix = keys::Group(group);
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(storage::Family::kUsers);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(cursor->key().size() - 4));
    uint32_t import = 0;
    if (!reader.U32(&import)) continue;
    if (import != 0) Found(import, ImportKind::kUsers, meta->next, meta);
    CountNumber(import, meta);
    // A row put one by one is older than the imports that are still to come.
    uint64_t stamp = 0;
    std::string_view value = cursor->value();
    if (GetVarint(&value, &stamp)) CountNumber(stamp, meta);
  }
  TRINE_TRY(cursor->status());
  const GroupLog all(kv_, log_, group, *meta);
  return all.ScanUsers([&](const User&) -> Result<bool> {
    ++meta->users;
    return true;
  });
}

// The summary is lost: what the rows themselves say. Every import that is found counts as published,
// since what was seen once must not vanish.
Result<GroupMeta> HistoryStore::Recount(GroupId group) const {
  GroupMeta meta;
  TRINE_TRY(RecountEvents(group, &meta));
  TRINE_TRY(RecountUsers(group, &meta));
  std::ranges::sort(meta.imports, {}, &Import::number);
  return meta;
}

Status HistoryStore::Open() {
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(storage::Family::kMeta);
  const std::string_view prefix = keys::kGroupMetaPrefix;
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(prefix.size()));
    GroupId group;
    if (!reader.U32(&group.value)) continue;
    auto meta = GroupMeta::Decode(cursor->value());
    if (!meta.ok()) {
      log_.Error("the history summary of group " + std::to_string(group.value) +
                 " is broken; counting its rows again");
      meta = Recount(group);
      TRINE_TRY(meta);
    }
    auto log = std::make_shared<GroupLog>(kv_, log_, group, *std::move(meta));
    TRINE_TRY(log->RemoveUnseen());
    groups_[group] = std::move(log);
  }
  return cursor->status();
}

}  // namespace

void BoundTimes(Millis now, std::vector<Event>* events) {
  for (Event& event : *events) {
    if (event.time <= now) continue;
    event.claimed_time = event.time;
    event.time = now;
  }
}

Result<std::unique_ptr<History>> OpenHistory(storage::KeyValue& kv, const Clock&, Log& log) {
  auto history = std::make_unique<HistoryStore>(kv, log);
  TRINE_TRY(history->Open());
  return std::unique_ptr<History>(std::move(history));
}

}  // namespace trine::history
