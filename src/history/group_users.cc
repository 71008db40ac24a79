// GroupLog, users: storing users, and erasing a user together with the user's events.
#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "base/varint.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {

using storage::Family;
using storage::WriteBatch;

namespace {

// A user's row is (stamp, JSON). The stamp of a streamed row is the newest import number at the time of the
// write. It shows which of several rows with the same id was written last.
std::string EncodeUser(uint32_t stamp, const User& user) {
  TRINE_CHECK(!user.id.empty());
  std::string out;
  AppendVarint(stamp, &out);
  out += format::ToString(user.attributes);
  return out;
}

struct UserRow {
  std::string_view id;
  uint32_t import = 0;
  uint64_t stamp = 0;
  std::string_view json;
  // Returns a greater value for a row that was written later.
  std::pair<uint64_t, int> age() const {
    return import == 0 ? std::pair(stamp, 1) : std::pair<uint64_t, int>(import, 0);
  }
};

bool ParseUserRow(std::string_view key, std::string_view value, UserRow* row) {
  storage::KeyReader reader(key);
  uint32_t group = 0;
  row->json = value;
  return reader.U32(&group) && reader.Text(&row->id) && reader.U32(&row->import) &&
         ConsumeVarint(&row->json, &row->stamp);
}

// Stops at 0, because a count that was rebuilt from damaged rows may be too small.
void DecrementCount(uint64_t* count) {
  if (*count > 0) --*count;
}

Status CheckUser(const User& user) {
  if (user.id.empty() || user.id.size() > limits::kMaxIdBytes) {
    return Error(ErrorCode::kInvalid,
                 "a user id must have 1 to " + std::to_string(limits::kMaxIdBytes) + " bytes")
        .Got(std::to_string(user.id.size()) + " bytes");
  }
  if (!user.attributes.is_object() && !user.attributes.is_null()) {
    return Error(ErrorCode::kInvalid, "a user's attributes must be an object")
        .Got(std::string(user.attributes.type_name()));
  }
  return Ok();
}

}  // namespace

Status GroupLog::ScanVisibleUsers(storage::Cursor& cursor, const GroupMeta& now, std::string_view prefix,
                                  const std::function<Result<bool>(const User&)>& visit) const {
  // Rows with the same id are adjacent: keep the newest visible one until the id changes.
  std::optional<User> best;
  std::pair<uint64_t, int> best_age;
  for (cursor.Seek(prefix); cursor.Valid() && cursor.key().starts_with(prefix); cursor.Next()) {
    UserRow row;
    if (!ParseUserRow(cursor.key(), cursor.value(), &row)) {
      kv_.health().Damaged("a user of group " + std::to_string(group_.value) + ", whose id cannot be read");
      continue;
    }
    if (!now.Visible(row.import, ImportKind::kUsers)) continue;
    if (best && best->id != row.id) {
      TRINE_ASSIGN(const bool more, visit(*best));
      if (!more) return Ok();
      best.reset();
    }
    if (best && row.age() < best_age) continue;
    auto attributes = format::ParseJson(row.json);
    if (!attributes.ok()) {
      kv_.health().Damaged("user \"" + std::string(row.id) + "\" of group " + std::to_string(group_.value));
      continue;
    }
    best = User{std::string(row.id), *std::move(attributes), row.import};
    best_age = row.age();
  }
  TRINE_TRY(cursor.status());
  if (best) TRINE_TRY(visit(*best));
  return Ok();
}

Result<std::optional<User>> GroupLog::GetUser(std::string_view id) const {
  const std::string prefix = keys::UserPrefix(group_, id);
  std::optional<User> found;
  const auto [cursor, now] = OpenConsistentCursor(Family::kUsers);
  TRINE_TRY(ScanVisibleUsers(*cursor, *now, prefix, [&](const User& user) -> Result<bool> {
    found = user;
    return false;
  }));
  return found;
}

Status GroupLog::ScanUsers(const std::function<Result<bool>(const User&)>& visit) const {
  const std::string group = keys::Group(group_);
  const auto [cursor, now] = OpenConsistentCursor(Family::kUsers);
  return ScanVisibleUsers(*cursor, *now, group, visit);
}

Status GroupLog::PutUsers(const std::vector<User>& users) {
  for (const User& user : users) TRINE_TRY(CheckUser(user));
  const WriterTurn turn(*this);
  GroupMeta next = *meta();
  WriteBatch batch;
  std::set<std::string_view> counted;
  for (const User& user : users) {
    if (counted.insert(user.id).second) {
      TRINE_ASSIGN(const auto before, GetUser(user.id));
      if (!before) ++next.users;
    }
    batch.Put(Family::kUsers, keys::User(group_, user.id, 0), EncodeUser(next.next_import - 1, user));
  }
  return WriteMeta(std::move(batch), std::move(next));
}

Status GroupLog::PutImportedUsers(uint32_t import, const std::vector<User>& users) {
  for (const User& user : users) TRINE_TRY(CheckUser(user));
  const WriterTurn turn(*this);
  TRINE_TRY(OpenImport(import));
  WriteBatch batch;
  for (const User& user : users) {
    batch.Put(Family::kUsers, keys::User(group_, user.id, import), EncodeUser(import, user));
  }
  return kv_.Write(batch, storage::Durability::kSync);
}

// Adds the removal of every event under `prefix` to the batch and subtracts the events from the counts.
// Appends the session ids of the events to `sessions` unless it is nullptr.
Status GroupLog::EraseEvents(const std::string& prefix, WriteBatch* batch, GroupMeta* next,
                             std::vector<std::string>* sessions) const {
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kUserEvents);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const EventSeq seq = keys::SeqOfUserEvent(cursor->key());
    batch->Delete(Family::kUserEvents, std::string(cursor->key()));
    batch->Delete(Family::kInteractions, keys::Interaction(group_, seq));
    auto event = DecodeEvent(cursor->value());
    if (!event.ok()) continue;
    if (next->Visible(event->import, ImportKind::kEvents)) DecrementCount(&next->visible_events);
    if (Import* import = next->Find(event->import); import != nullptr) DecrementCount(&import->events);
    if (event->import == 0) {
      batch->Delete(Family::kEventIds, DuplicateKey(*event));
      batch->Delete(Family::kEventIds, keys::OldContentKey(group_, *event));
      if (!event->event_id.empty()) batch->Delete(Family::kEventIds, keys::OldEventIdKey(group_, *event));
    }
    if (sessions != nullptr && !event->session_id.empty()) sessions->push_back(event->session_id);
  }
  return cursor->status();
}

Status GroupLog::EraseUser(std::string_view id) {
  const WriterTurn turn(*this);
  GroupMeta next = *meta();
  WriteBatch batch;
  std::vector<std::string> sessions;
  TRINE_TRY(EraseEvents(keys::UserSlice(group_, keys::SliceOwner::kUser, id), &batch, &next, &sessions));
  // Also erases the anonymous events of the sessions in which the user appeared, because they belong to the
  // same person.
  std::ranges::sort(sessions);
  sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
  for (const std::string& session : sessions) {
    TRINE_TRY(
        EraseEvents(keys::UserSlice(group_, keys::SliceOwner::kSession, session), &batch, &next, nullptr));
  }
  TRINE_TRY(EraseSessionsOf(id, &batch));
  TRINE_ASSIGN(const auto user, GetUser(id));
  if (user) DecrementCount(&next.users);
  const std::string prefix = keys::UserPrefix(group_, id);
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kUsers);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    batch.Delete(Family::kUsers, std::string(cursor->key()));
  }
  TRINE_TRY(cursor->status());
  ++next.epoch;
  return WriteMeta(std::move(batch), std::move(next));
}

Status GroupLog::EraseAll() {
  const WriterTurn turn(*this);
  WriteBatch batch;
  for (const Family family :
       {Family::kInteractions, Family::kUserEvents, Family::kUsers, Family::kEventIds}) {
    batch.DeleteRange(family, keys::Group(group_), keys::GroupEnd(group_));
  }
  batch.Delete(Family::kMeta, keys::GroupMeta(group_));
  TRINE_TRY(kv_.Write(batch, storage::Durability::kSync));
  GroupMeta empty;
  empty.epoch = meta()->epoch + 1;
  {
    const MutexLock lock(meta_mutex_);
    meta_ = std::make_shared<const GroupMeta>(std::move(empty));
  }
  items_.Clear();
  return Ok();
}

}  // namespace trine::history
