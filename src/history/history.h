// History: the event log of every dataset group, and its users.
// Layouts: docs/formats/keys.md (families interactions, user_events, users, event_ids, meta).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "history/event.h"
#include "storage/key_value.h"

namespace trine::history {

class GroupLog;

// Owns one GroupLog per dataset group; a group exists from its first use. `kv` and `log` must outlive it.
// Thread-safe, except AddListener. Every write is durable when its call returns (appends that wait for each
// other share one fsync), and changes nothing on error unless stated otherwise. Errors of the store are
// passed on as kIo or kCorrupt; the other kinds are named at the method.
class History {
 public:
  // Reads the summaries of all groups and removes rows of imports that were never published. A summary that
  // is damaged is counted again from the rows and named in the log. kFormatVersion when a summary has another
  // format version; it is left as it is.
  static Result<std::unique_ptr<History>> Open(storage::KeyValue& kv, Log& log);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Appends streamed events, which are visible at once, and skips duplicates (see AppendResult). Listeners
  // run before it returns, in log order. kInvalid or kLimit when one event breaks a bound of
  // CheckEvent, and then appends none of them.
  Result<AppendResult> Append(GroupId group, std::vector<Event> events);
  // The newest visible events of a user, at most `limit`, newest first by time, then by seq. With a non-empty
  // `session`, the anonymous events of that session are included. An unknown user has no events.
  Result<std::vector<Event>> UserEvents(GroupId group, std::string_view user, std::string_view session,
                                        size_t limit) const;
  // Visits visible events with seq >= from, in log order, until `visit` returns false. Events that cannot be
  // read back are skipped and named in the log.
  Status Scan(GroupId group, EventSeq from, const std::function<Result<bool>(const Event&)>& visit) const;
  EventSeq NextSeq(GroupId group) const;     // the seq of the next event
  uint64_t EventCount(GroupId group) const;  // visible events
  // A number that grows whenever events or users become visible or vanish other than by Append and PutUsers
  // (publishing an import, erasing). Counters derived from the log must then be built again.
  uint64_t Epoch(GroupId group) const;

  // Adds users or replaces those with the same id. kInvalid for an id that is empty or too
  // long, or attributes that are not an object, and then stores none of them.
  Status PutUsers(GroupId group, std::vector<User> users);
  // nullopt: no visible user has this id.
  Result<std::optional<User>> GetUser(GroupId group, std::string_view id) const;
  // Visits every visible user once, in the order of the keys, until `visit` returns false.
  Status ScanUsers(GroupId group, const std::function<Result<bool>(const User&)>& visit) const;
  uint64_t UserCount(GroupId group) const;  // visible users

  // Bulk import of events or users. Rows are written under a new import number and stay invisible until
  // PublishImport; after a crash before that they are removed at opening. Import numbers are never reused.
  Result<uint32_t> BeginImport(GroupId group);
  // Both require an open import: kNotFound otherwise. Imported events are not checked for
  // duplicates.
  Status AppendImported(GroupId group, uint32_t import, std::vector<Event> events);
  Status PutImportedUsers(GroupId group, uint32_t import, std::vector<User> users);
  // Makes the rows of an open import visible. With `replace`, rows of earlier imports of the same kind
  // vanish in the same instant (streamed rows stay) and are then removed; when the removal fails, the error
  // is returned, the import is published all the same, and the next opening removes the rest. kNotFound
  // when the import is not open.
  Status PublishImport(GroupId group, uint32_t import, ImportKind kind, bool replace);
  // Closes an open import and removes its rows. kNotFound when it is not open.
  Status AbandonImport(GroupId group, uint32_t import);

  // Called after each Append with the events that were kept, by a thread that appends, in log order of the
  // group. Must not call back into Append of the same group.
  using Listener = std::function<void(GroupId, const std::vector<Event>&)>;
  void AddListener(Listener listener);  // only before the first Append

  // Erases a user, the user's events, and the anonymous events of the sessions in which the user appeared.
  // An unknown user is not an error.
  Status EraseUser(GroupId group, std::string_view id);
  // Erases everything of a group. A group without rows is not an error.
  Status EraseGroup(GroupId group);

 private:
  History(storage::KeyValue& kv, Log& log);
  Status Load();
  std::shared_ptr<GroupLog> LogOf(GroupId group) const;

  storage::KeyValue& kv_;
  Log& log_;
  std::vector<Listener> listeners_;
  mutable SharedMutex mutex_;
  mutable std::map<GroupId, std::shared_ptr<GroupLog>> groups_ TRINE_GUARDED_BY(mutex_);  // not the logs
};

}  // namespace trine::history
