// GroupLog, erasure: removes people with everything that the log stores about them, and whole groups.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {

using storage::Family;
using storage::WriteBatch;

namespace {

// A batch takes further people until it removes this many rows, which bounds its memory and the time for
// which appends wait. A person is always erased by one batch.
constexpr size_t kRowsPerErasure = 50'000;

// Stops at 0, because a count that was rebuilt from damaged rows may be too small.
void DecrementCount(uint64_t* count) {
  if (*count > 0) --*count;
}

}  // namespace

// One batch of an erasure, which removes whole people.
struct GroupLog::Erasure {
  WriteBatch batch;
  GroupMeta next;
  Erased erased;
  size_t rows = 0;
  std::unordered_set<std::string> slices;  // that were added: their rows must be counted once
};

// Adds the removal of the events under `prefix`, or of the unverified ones only. Adds to `sessions`, unless
// it is nullptr, the sessions of these events and whether a verified event has the session.
Status GroupLog::EraseEvents(const std::string& prefix, bool only_unverified, Erasure* step,
                             std::map<std::string, bool>* sessions) const {
  if (!step->slices.insert(prefix).second) return Ok();
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kUserEvents);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const EventSeq seq = keys::SeqOfUserEvent(cursor->key());
    auto event = DecodeEvent(cursor->value());
    if (only_unverified && (!event.ok() || !event->unverified)) continue;
    step->batch.Delete(Family::kUserEvents, std::string(cursor->key()));
    step->batch.Delete(Family::kInteractions, keys::Interaction(group_, seq));
    ++step->rows;
    if (!event.ok()) continue;
    if (step->next.Visible(event->import, ImportKind::kEvents)) {
      DecrementCount(&step->next.visible_events);
      ++step->erased.events;
    }
    if (Import* import = step->next.Find(event->import); import != nullptr) DecrementCount(&import->events);
    if (event->import == 0) {
      step->batch.Delete(Family::kEventIds, DuplicateKey(*event));
      step->batch.Delete(Family::kEventIds, keys::OldContentKey(group_, *event));
      if (!event->event_id.empty())
        step->batch.Delete(Family::kEventIds, keys::OldEventIdKey(group_, *event));
    }
    if (sessions == nullptr || event->session_id.empty()) continue;
    bool& verified = (*sessions)[event->session_id];
    verified = verified || !event->unverified;
  }
  return cursor->status();
}

Status GroupLog::ErasePerson(const std::string& id, const OwnedSessions& owned, Erasure* step) const {
  const Erased before = step->erased;
  // Requests refer to an anonymous visitor by the session id in place of a user id.
  std::map<std::string, bool> sessions = {{id, true}};
  TRINE_TRY(EraseEvents(keys::UserSlice(group_, keys::SliceOwner::kUser, id), false, step, &sessions));
  if (const auto rows = owned.find(id); rows != owned.end()) {
    for (const OwnedSession& row : rows->second) {
      bool& verified = sessions[row.session];
      verified = verified || !row.unverified;
    }
  }
  // The anonymous events of a session in which the person appeared belong to the same person. Everybody can
  // send unverified events, so these prove nothing about the verified events of their session.
  for (const auto& [session, verified] : sessions) {
    TRINE_TRY(
        EraseEvents(keys::UserSlice(group_, keys::SliceOwner::kSession, session), !verified, step, nullptr));
    TRINE_TRY(ForgetSession(session, id, step));
  }
  TRINE_ASSIGN(const auto user, GetUser(id));
  if (user) {
    DecrementCount(&step->next.users);
    ++step->erased.users;
  }
  const std::string prefix = keys::UserPrefix(group_, id);
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kUsers);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    step->batch.Delete(Family::kUsers, std::string(cursor->key()));
    ++step->rows;
  }
  if (step->erased.events != before.events || step->erased.users != before.users) ++step->erased.people;
  return cursor->status();
}

// Removes the rows that assign the session to this user.
Status GroupLog::ForgetSession(const std::string& session, const std::string& user, Erasure* step) const {
  const std::vector<std::string> lookups = {keys::SessionKey(group_, session, false),
                                            keys::SessionKey(group_, session, true)};
  TRINE_ASSIGN(const auto values, kv_.MultiGet(Family::kEventIds, lookups));
  TRINE_CHECK_EQ(values.size(), lookups.size());
  for (size_t i = 0; i < lookups.size(); ++i) {
    if (OwnerIn(values[i], session) != user) continue;
    step->batch.Delete(Family::kEventIds, lookups[i]);
    ++step->rows;
  }
  return Ok();
}

Result<Erased> GroupLog::EraseUsers(std::vector<std::string> ids, const EraseCommit& commit) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  // Rows that assign a session may be older than all events of their user, if an import was replaced. They
  // are found before the turn, because this reads all of them; the sessions of later events are found in it.
  TRINE_ASSIGN(const OwnedSessions owned, SessionsOf(ids));
  Erased all;
  for (size_t at = 0; at < ids.size();) {
    const WriterTurn turn(*this);
    Erasure step;
    step.next = *meta();
    for (; at < ids.size() && step.rows < kRowsPerErasure; ++at)
      TRINE_TRY(ErasePerson(ids[at], owned, &step));
    if (step.rows == 0) continue;
    ++step.next.epoch;
    const Erased erased = step.erased;
    Commit write;
    if (commit) write = [&](WriteBatch batch) { return commit(erased, std::move(batch)); };
    TRINE_TRY(WriteMeta(std::move(step.batch), std::move(step.next), write));
    all.people += erased.people;
    all.events += erased.events;
    all.users += erased.users;
  }
  return all;
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
