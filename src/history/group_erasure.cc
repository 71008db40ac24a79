// GroupLog, erasure: removes people with everything that the log stores about them, and whole groups.
//
// A person with many events is erased in several batches, so that appends never wait for long. A batch
// removes events of the person only after the sessions that these events name have been dealt with: if the
// process ends in between, the remaining events still lead to everything else. The bytes of what was erased
// stay in the files of the store until KeyValue::Purge; a mark in family meta says that this is still to be
// done.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {

using storage::Family;
using storage::WriteBatch;

namespace {

// A batch is written when it removes this many rows, which bounds its memory and the time for which appends
// wait: less than a second.
constexpr size_t kRowsPerErasure = 5'000;
// Between two batches, so that the threads that wait for the writer's turn get it.
constexpr auto kPause = std::chrono::milliseconds(1);

// Whether the cursor has seen every row. Rows in a damaged block cannot be found, so that nobody could say
// that the person is deleted.
Status SawEveryRow(const storage::Cursor& cursor) {
  TRINE_TRY(cursor.status());
  if (cursor.skipped() == 0) return Ok();
  return Error(
      ErrorCode::kCorrupt,
      "the person is not deleted completely, because a damaged block of the store may hold more of their "
      "rows; repair it with \"trine rebuild --salvage\" and delete again");
}

// Stops at 0, because a count that was rebuilt from damaged rows may be too small.
void DecrementCount(uint64_t* count) {
  if (*count > 0) --*count;
}

bool IsEmpty(const Erased& erased) { return erased.people == 0 && erased.events == 0 && erased.users == 0; }

}  // namespace

// One call of EraseUsers.
class GroupLog::Erasure {
 public:
  // `commit` may be empty; then people whose erasure takes several batches get a mark, so that the next start
  // can continue it.
  Erasure(GroupLog& log, const EraseCommit& commit) : log_(log), commit_(commit) {}

  Status ErasePerson(const std::string& id);
  // Writes the last batch.
  Status Finish() { return Write(true); }
  const Erased& erased() const { return all_; }

 private:
  using Sessions = std::map<std::string, bool>;  // whether a verified event shows the person in the session

  void Begin();
  Status Write(bool last);
  Status WriteIfFull() { return rows_ < kRowsPerErasure ? Ok() : Write(false); }
  Status AddSessions(const std::string& id, Sessions* sessions);
  Status EraseEvents(const std::string& prefix, bool only_unverified);
  void EraseEvent(std::string_view key, EventSeq seq, const Result<Event>& event);
  Status EraseUserRows(const std::string& id);
  Status ForgetSession(const std::string& session, const std::string& user);

  GroupLog& log_;
  const EraseCommit& commit_;
  std::optional<WriterTurn> turn_;  // held while a batch is made
  WriteBatch batch_;
  GroupMeta next_;
  Erased erased_, all_;  // by the batch, by the call
  size_t rows_ = 0;      // of the batch
  bool written_ = false;
  std::string person_;          // who is being erased; empty: nobody
  bool person_marked_ = false;  // a mark of this person is stored
};

void GroupLog::Erasure::Begin() {
  if (turn_) return;
  turn_.emplace(log_);
  next_ = *log_.meta();
}

// Only the first and the last batch end the epoch: each new epoch makes derived counters read the whole log.
Status GroupLog::Erasure::Write(bool last) {
  const bool ends_epoch = last && written_;
  if (rows_ == 0 && IsEmpty(erased_) && !ends_epoch) return turn_.reset(), Ok();
  Begin();
  if (!written_ || last) ++next_.epoch;
  const bool within_person = !last && !person_.empty();
  if (within_person && !commit_ && !person_marked_) {
    batch_.Put(Family::kMeta, keys::UnfinishedErasure(log_.group_, person_), "");
    person_marked_ = true;
  }
  batch_.Put(Family::kMeta, keys::ErasedMark(log_.group_), "");
  ++log_.erasures_;
  const Erased erased = std::exchange(erased_, {});
  Commit write;
  if (commit_) write = [&](WriteBatch batch) { return commit_(erased, std::move(batch)); };
  TRINE_TRY(log_.WriteMeta(std::exchange(batch_, {}), std::move(next_), write));
  all_.people += erased.people;
  all_.events += erased.events;
  all_.users += erased.users;
  rows_ = 0;
  written_ = true;
  turn_.reset();
  if (!last) std::this_thread::sleep_for(kPause);
  return Ok();
}

Status GroupLog::Erasure::ErasePerson(const std::string& id) {
  const uint64_t before = all_.events + erased_.events + all_.users + erased_.users;
  // Requests refer to an anonymous visitor by the session id in place of a user id.
  Sessions sessions = {{id, true}};
  TRINE_TRY(AddSessions(id, &sessions));
  person_ = id;
  // A mark that is stored already is from an erasure that failed: this one completes it.
  TRINE_ASSIGN(const auto mark, log_.kv_.Get(Family::kMeta, keys::UnfinishedErasure(log_.group_, id)));
  person_marked_ = mark.has_value();
  // The anonymous events of a session in which the person appeared belong to the same person. Everybody can
  // send unverified events, so these prove nothing about the verified events of their session.
  for (const auto& [session, verified] : sessions) {
    TRINE_TRY(EraseEvents(keys::UserSlice(log_.group_, keys::SliceOwner::kSession, session), !verified));
    TRINE_TRY(ForgetSession(session, id));
  }
  TRINE_TRY(EraseEvents(keys::UserSlice(log_.group_, keys::SliceOwner::kUser, id), false));
  TRINE_TRY(EraseUserRows(id));
  Begin();
  if (all_.events + erased_.events + all_.users + erased_.users != before) ++erased_.people;
  if (std::exchange(person_marked_, false)) {
    batch_.Delete(Family::kMeta, keys::UnfinishedErasure(log_.group_, id));
    ++rows_;
  }
  person_.clear();
  return WriteIfFull();
}

// Adds the sessions of the person's events, and those that a stored row assigns to the person: such a row may
// be older than all events, if an import was replaced.
Status GroupLog::Erasure::AddSessions(const std::string& id, Sessions* sessions) {
  const std::string slice = keys::UserSlice(log_.group_, keys::SliceOwner::kUser, id);
  const std::unique_ptr<storage::Cursor> cursor = log_.kv_.Scan(Family::kUserEvents);
  size_t read = 0;
  for (cursor->Seek(slice); cursor->Valid() && cursor->key().starts_with(slice); cursor->Next()) {
    // Others must not wait while a long history is read.
    if (++read % kRowsPerErasure == 0 && turn_) TRINE_TRY(Write(false));
    const auto event = DecodeEvent(cursor->value());
    if (!event.ok() || event->session_id.empty()) continue;
    bool& verified = (*sessions)[event->session_id];
    verified = verified || !event->unverified;
  }
  TRINE_TRY(SawEveryRow(*cursor));
  TRINE_ASSIGN(const auto owned, log_.SessionsOf(id));
  for (const OwnedSession& row : owned) {
    bool& verified = (*sessions)[row.session];
    verified = verified || !row.unverified;
  }
  return Ok();
}

// Removes the events under `prefix`, or the unverified ones only.
Status GroupLog::Erasure::EraseEvents(const std::string& prefix, bool only_unverified) {
  Begin();
  std::string from = prefix;
  while (true) {
    // After a batch was written, others may have changed the rows that an older cursor shows.
    bool more = false;
    {
      const std::unique_ptr<storage::Cursor> cursor = log_.kv_.Scan(Family::kUserEvents);
      for (cursor->Seek(from); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
        auto event = DecodeEvent(cursor->value());
        if (only_unverified && (!event.ok() || !event->unverified)) continue;
        EraseEvent(cursor->key(), keys::SeqOfUserEvent(cursor->key()), event);
        if (rows_ < kRowsPerErasure) continue;
        from.assign(cursor->key()).push_back('\0');  // the next possible key
        more = true;
        break;
      }
      TRINE_TRY(SawEveryRow(*cursor));
    }
    if (!more) return Ok();
    TRINE_TRY(Write(false));
    Begin();
  }
}

void GroupLog::Erasure::EraseEvent(std::string_view key, EventSeq seq, const Result<Event>& event) {
  batch_.Delete(Family::kUserEvents, std::string(key));
  batch_.Delete(Family::kInteractions, keys::Interaction(log_.group_, seq));
  ++rows_;
  if (!event.ok()) return;
  if (next_.Visible(event->import, ImportKind::kEvents)) {
    DecrementCount(&next_.visible_events);
    ++erased_.events;
  }
  if (Import* import = next_.Find(event->import); import != nullptr) DecrementCount(&import->events);
  if (event->import != 0) return;
  batch_.Delete(Family::kEventIds, log_.DuplicateKey(*event));
  batch_.Delete(Family::kEventIds, keys::OldContentKey(log_.group_, *event));
  if (!event->event_id.empty()) batch_.Delete(Family::kEventIds, keys::OldEventIdKey(log_.group_, *event));
}

Status GroupLog::Erasure::EraseUserRows(const std::string& id) {
  Begin();
  TRINE_ASSIGN(const auto user, log_.GetUser(id));
  if (user) {
    DecrementCount(&next_.users);
    ++erased_.users;
  }
  const std::string prefix = keys::UserPrefix(log_.group_, id);
  const std::unique_ptr<storage::Cursor> cursor = log_.kv_.Scan(Family::kUsers);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    batch_.Delete(Family::kUsers, std::string(cursor->key()));
    ++rows_;
  }
  return SawEveryRow(*cursor);
}

// Removes the rows that assign the session to this user.
Status GroupLog::Erasure::ForgetSession(const std::string& session, const std::string& user) {
  Begin();
  for (const bool unverified : {false, true}) {
    const std::string key = keys::SessionKey(log_.group_, session, unverified);
    TRINE_ASSIGN(const auto value, log_.kv_.Get(Family::kEventIds, key));
    if (OwnerIn(value, session) != user) continue;
    batch_.Delete(Family::kEventIds, key);
    batch_.Delete(Family::kEventIds, keys::OwnedSessionKey(log_.group_, user, session, unverified));
    ++rows_;
  }
  return WriteIfFull();
}

Result<Erased> GroupLog::EraseUsers(std::vector<std::string> ids, const EraseCommit& commit) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  Erasure erasure(*this, commit);
  for (const std::string& id : ids) TRINE_TRY(erasure.ErasePerson(id));
  TRINE_TRY(erasure.Finish());
  TRINE_TRY(PurgeRemovedRows());
  return erasure.erased();
}

Status GroupLog::PurgeRemovedRows() {
  const WriterTurn turn(*this);
  TRINE_ASSIGN(const auto removed, kv_.Get(Family::kMeta, keys::RemovedMark(group_)));
  if (!removed) return Ok();
  WriteBatch batch;
  batch.Delete(Family::kMeta, keys::RemovedMark(group_));
  batch.Put(Family::kMeta, keys::ErasedMark(group_), "");
  ++erasures_;
  return kv_.Write(batch, storage::Durability::kSync);
}

Status GroupLog::FinishErasures() {
  const std::string prefix = keys::UnfinishedErasure(group_, "");
  std::vector<std::string> ids;
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kMeta);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next())
    ids.emplace_back(cursor->key().substr(prefix.size()));
  TRINE_TRY(cursor->status());
  for (const std::string& id : ids) TRINE_TRY(EraseUsers({id}, {}));
  return Ok();
}

Result<bool> GroupLog::IsPurgePending() const {
  TRINE_ASSIGN(const auto mark, kv_.Get(Family::kMeta, keys::ErasedMark(group_)));
  return mark.has_value();
}

Status GroupLog::Purge(const std::stop_token& stop) {
  TRINE_ASSIGN(const bool pending, IsPurgePending());
  if (!pending) return Ok();
  const uint64_t before = erasures_;
  std::vector<storage::KeyRange> ranges;
  for (const Family family : {Family::kInteractions, Family::kUserEvents, Family::kUsers, Family::kEventIds})
    ranges.push_back({family, keys::Group(group_), keys::GroupEnd(group_)});
  // The marks of unfinished erasures contain ids of people.
  const std::string marks = keys::UnfinishedErasure(group_, "");
  ranges.push_back({Family::kMeta, marks, marks + "\xff"});
  TRINE_TRY(kv_.Purge(ranges, stop));
  const WriterTurn turn(*this);
  if (erasures_ != before) return Ok();  // the next call purges what was erased meanwhile
  WriteBatch batch;
  batch.Delete(Family::kMeta, keys::ErasedMark(group_));
  return kv_.Write(batch, storage::Durability::kBuffered);  // if this is lost, the next start purges again
}

Status GroupLog::EraseAll() {
  const WriterTurn turn(*this);
  WriteBatch batch;
  for (const Family family :
       {Family::kInteractions, Family::kUserEvents, Family::kUsers, Family::kEventIds}) {
    batch.DeleteRange(family, keys::Group(group_), keys::GroupEnd(group_));
  }
  batch.Delete(Family::kMeta, keys::GroupMeta(group_));
  const std::string unfinished = keys::UnfinishedErasure(group_, "");
  batch.DeleteRange(Family::kMeta, unfinished, unfinished + "\xff");
  batch.Delete(Family::kMeta, keys::RemovedMark(group_));
  batch.Put(Family::kMeta, keys::ErasedMark(group_), "");
  ++erasures_;
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
