// History: the event log of every dataset group, and its users.
// Layouts: docs/formats/keys.md (families interactions, user_events, users, event_ids, meta).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "history/event.h"
#include "history/person_items.h"
#include "storage/key_value.h"

namespace trine::history {

class GroupLog;

// Owns one GroupLog per dataset group; a group exists from its first use. `kv` and `log` must outlive it.
// Thread-safe, except AddListener. Every write is durable when its call returns (concurrent appends to a
// group may share one fsync), and changes nothing on error unless stated otherwise. Store errors are returned
// as kIo or kCorrupt; each method lists its other errors.
class History {
 public:
  // Reads the summaries of all groups and removes rows of imports that were never published. A damaged
  // summary is logged and rebuilt from the rows. kFormatVersion if a summary has an unsupported format
  // version; that summary is left unchanged.
  static Result<std::unique_ptr<History>> Open(storage::KeyValue& kv, Log& log);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Appends streamed events, which are visible at once, and skips duplicates (see AppendResult). If an event
  // has a session id and a user id, the session belongs to that user from then on: its anonymous events,
  // earlier and later ones, are the user's. An unverified event assigns only unverified events, and none once
  // a verified event has assigned the session. Listeners run before Append returns, in log order. If
  // CheckEvent rejects an event, returns its error and appends no events.
  Result<AppendResult> Append(GroupId group, std::vector<Event> events);
  // Returns at most `limit` of the newest visible events of a user, newest first by time, then by seq. With a
  // non-empty `session`, the anonymous events of that session are included. An unknown user has no events.
  Result<std::vector<Event>> UserEvents(GroupId group, std::string_view user, std::string_view session,
                                        size_t limit) const;
  // Returns the items of all visible events of a person, by event type. With a non-empty `session`, the
  // anonymous events of that session count too. `newest_per_type`, if it is not 0, limits this to the newest
  // events of each type, as Personalize does. An unknown person has no items.
  Result<PersonItemsParts> ItemsOf(GroupId group, std::string_view user, std::string_view session,
                                   size_t newest_per_type = 0) const;
  // The same by the values of another column, whose name is compared ignoring ASCII case; `by_value` of the
  // result has the values as they are stored.
  Result<PersonItemsParts> ItemsByColumn(GroupId group, std::string_view user, std::string_view session,
                                         std::string_view column, size_t newest_per_type = 0) const;
  // Visits all visible events of the same person, until `visit` returns false: those of the user, then those
  // of the session, each newest first.
  Status ScanPerson(GroupId group, std::string_view user, std::string_view session,
                    const std::function<bool(const Event&)>& visit) const;
  // Returns the user to whom a session belongs: the user of the newest streamed event, or else of the last
  // imported one, that had this session id and a user id. Without a verified one, the first unverified event
  // decides, if the session has no events of its own. nullopt if it belongs to nobody.
  Result<std::optional<std::string>> UserOfSession(GroupId group, std::string_view session) const;
  // Returns the user to whom a request with these ids refers: `user`, or the user of the session if `user` is
  // empty, or if it is the session id, which clients send as the user id of anonymous visitors, and no user
  // has this id.
  Result<std::string> UserForRequest(GroupId group, std::string_view user, std::string_view session) const;
  // Visits visible events with seq >= from, in log order, until `visit` returns false. Damaged events are
  // skipped; KeyValue::health names them.
  Status Scan(GroupId group, EventSeq from, const std::function<Result<bool>(const Event&)>& visit) const;
  EventSeq NextSeq(GroupId group) const;     // the seq of the next event
  uint64_t EventCount(GroupId group) const;  // visible events
  // Grows whenever events or users become visible or vanish by other means than Append and PutUsers
  // (publishing an import, erasing). Counters derived from the log must then be rebuilt.
  uint64_t Epoch(GroupId group) const;

  // Adds users or replaces those with the same id. kInvalid if an id is empty, too long or contains a control
  // character, or if attributes are not an object; then none of the users is stored.
  Status PutUsers(GroupId group, const std::vector<User>& users);
  // nullopt: no visible user has this id.
  Result<std::optional<User>> GetUser(GroupId group, std::string_view id) const;
  // Visits every visible user once, in the order of the keys, until `visit` returns false.
  Status ScanUsers(GroupId group, const std::function<Result<bool>(const User&)>& visit) const;
  uint64_t UserCount(GroupId group) const;  // visible users

  // Writes a batch durably, in one atomic step, and may add rows to it. Runs while the group's log accepts no
  // other write, so it must not write to the history. Empty: the batch is written as it is.
  using Commit = std::function<Status(storage::WriteBatch)>;

  // Bulk import of events or users. Rows are written under a new import number and stay invisible until
  // PublishImport. Open removes the rows of imports that a crash left unpublished. Import numbers are never
  // reused.
  Result<uint32_t> BeginImport(GroupId group);
  // The two functions below return kNotFound if the import is not open. Imported events are not checked for
  // duplicates. Publishing assigns sessions to users as Append does, among the events of the import and the
  // visible ones.
  Status AppendImported(GroupId group, uint32_t import, std::vector<Event> events);
  Status PutImportedUsers(GroupId group, uint32_t import, const std::vector<User>& users);
  // Makes the rows of an open import visible. With `replace`, rows of earlier imports of the same kind
  // vanish at the same instant (streamed rows stay) and are then removed. If the removal fails, the failure
  // is logged, and RemoveFailedImports or the next Open removes the rest. kNotFound if the import is not
  // open. `commit` is called once with the batch that publishes the import; its error is returned, and the
  // import stays open.
  Status PublishImport(GroupId group, uint32_t import, ImportKind kind, bool replace,
                       const Commit& commit = {});
  // Closes an open import and removes its rows. kNotFound if it is not open.
  Status AbandonImport(GroupId group, uint32_t import);
  // Removes the rows of abandoned or replaced imports that could not be removed, because the store did not
  // accept it. Called regularly while it does; a failure is logged and tried again at the next call.
  void RemoveFailedImports();

  // Receives the events that an Append kept, before that Append returns. Called in the order of the group's
  // log, on any thread that is appending to the group. Must not call Append for the same group.
  using Listener = std::function<void(GroupId, const std::vector<Event>&)>;
  void AddListener(Listener listener);  // only before the first Append

  // Of the store, for readers that find that events are missing.
  storage::StoreHealth& health() const { return kv_.health(); }

  // Writes a batch that erases people together with what the caller adds to it, as Commit does. `erased` is
  // what this batch removes.
  using EraseCommit = std::function<Status(const Erased& erased, storage::WriteBatch)>;
  // Erases people: their events, also those of imports that are not published yet, their rows as users, the
  // anonymous events of the sessions in which a verified event shows them, the anonymous unverified ones of
  // other sessions in which they appeared, and those of a session with the same id, by which requests name
  // visitors. Each batch is atomic and durable, and is written by `commit` if that is not empty. A person
  // with many events is erased in several batches; after an error what earlier batches removed is erased. An
  // unknown id is not an error. Events that arrive during the call may be kept.
  Result<Erased> EraseUsers(GroupId group, std::vector<std::string> ids, const EraseCommit& commit = {});
  // Receives the ids of the people whom EraseUsers erased, or tried to erase, before it returns;
  // without ids, EraseGroup removed everybody. For caches that hold texts about people. Called on any thread,
  // without a lock. May be added at any time, and is kept as long as the history.
  using ErasureListener = std::function<void(GroupId, const std::vector<std::string>& ids)>;
  void AddErasureListener(ErasureListener listener) TRINE_EXCLUDES(erasure_listeners_mutex_);
  // Erases all rows of a group. A group without rows is not an error.
  Status EraseGroup(GroupId group);
  // Whether bytes of people who were erased may still be in the files of the store.
  Result<bool> IsPurgePending(GroupId group) const;
  // Removes them: from this group, or from every group in which that is pending. Slow, see
  // storage::KeyValue::Purge, whose errors it returns; then it is still pending. One call runs at a time.
  Status Purge(GroupId group, const std::stop_token& stop) TRINE_EXCLUDES(purge_mutex_);
  // Returns whether there was anything to remove.
  Result<bool> PurgeAll(const std::stop_token& stop);
  // Continues erasures without a `commit` that the end of the former process interrupted. Called once.
  Status FinishErasures();

 private:
  History(storage::KeyValue& kv, Log& log);
  void TellErased(GroupId group, const std::vector<std::string>& ids)
      TRINE_EXCLUDES(erasure_listeners_mutex_);
  Status Load();
  Status RecoverGroups();
  std::shared_ptr<GroupLog> LogOf(GroupId group) const;

  storage::KeyValue& kv_;
  Log& log_;
  std::vector<Listener> listeners_;
  mutable SharedMutex mutex_;  // guards the map, not the logs in it
  mutable std::map<GroupId, std::shared_ptr<GroupLog>> groups_ TRINE_GUARDED_BY(mutex_);
  Mutex purge_mutex_;              // held during a purge; taken before all other locks
  Mutex erasure_listeners_mutex_;  // a leaf
  std::vector<ErasureListener> erasure_listeners_ TRINE_GUARDED_BY(erasure_listeners_mutex_);
};

}  // namespace trine::history
