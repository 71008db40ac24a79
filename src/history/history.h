// History: people and what they did. The event log of every dataset group, and its users.
// Layouts: docs/formats/keys.md (families interactions, user_events, users, event_ids, meta).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/result.h"
#include "format/json.h"
#include "storage/key_value.h"

namespace trine::history {

// One thing a person did with an item.
struct Event {
  EventSeq seq;         // position in the group's log; given by Append
  uint32_t import = 0;  // 0: streamed; else the number of the import that brought it
  std::string user_id;  // empty: anonymous, known by session
  std::string session_id;
  std::string item_id;  // may be empty (a search event)
  std::string type;     // as given; compared without regard to case
  Millis time;
  // What the sender's clock said, when that lay ahead of ours: `time` is then the time of its arrival.
  std::optional<Millis> claimed_time;
  std::optional<double> value;
  std::string event_id;  // empty: none
  std::string recommendation_id;
  std::vector<std::string> impression;                          // item ids that were shown
  std::vector<std::pair<std::string, std::string>> attributes;  // other columns by upper-case name
};

// Gives events that say they lie in the future the time of their arrival, `now`, and keeps what they
// said as the claimed time: one broken clock must not be the newest in every list for good.
void BoundTimes(Millis now, std::vector<Event>* events);

struct User {
  std::string id;
  format::Json attributes;  // object: upper-case column name -> scalar
  uint32_t import = 0;      // 0: put one by one
};

struct Appended {
  EventSeq first, end;    // [first, end): the ones kept
  size_t duplicates = 0;  // same event id, or same user, item, type and time
};

// Thread-safe. Writes are durable when they return (group commit). Events of an import are invisible
// until PublishImport; a crash before it leaves nothing to be seen.
class History {
 public:
  virtual ~History() = default;

  // Streamed events, visible at once. Listeners run before it returns, in log order.
  virtual Result<Appended> Append(GroupId group, std::vector<Event> events) = 0;
  // The newest events of a user, newest first by time then seq. With `session`, events of that session
  // recorded before the person was known are included. Past `limit` the rest is left out.
  virtual Result<std::vector<Event>> UserEvents(GroupId group, std::string_view user,
                                                std::string_view session, size_t limit) const = 0;
  // Visible events with seq >= from, in log order. `visit` returns false to stop.
  virtual Status Scan(GroupId group, EventSeq from,
                      const std::function<Result<bool>(const Event&)>& visit) const = 0;
  virtual EventSeq NextSeq(GroupId group) const = 0;
  virtual uint64_t EventCount(GroupId group) const = 0;  // visible ones
  // Changes whenever events or users become visible or vanish other than by Append and PutUsers
  // (publish, erase): counters refold.
  virtual uint64_t Epoch(GroupId group) const = 0;

  virtual Status PutUsers(GroupId group, std::vector<User> users) = 0;
  virtual Result<std::optional<User>> GetUser(GroupId group, std::string_view id) const = 0;
  virtual Status ScanUsers(GroupId group, const std::function<Result<bool>(const User&)>& visit) const = 0;
  virtual uint64_t UserCount(GroupId group) const = 0;

  // Bulk import of events or users: rows are written under a new number and seen by nobody until
  // published. Publishing with `replace` makes rows of earlier imports vanish in the same instant
  // (streamed rows stay); they are removed in passing.
  virtual Result<uint32_t> BeginImport(GroupId group) = 0;
  virtual Status AppendImported(GroupId group, uint32_t import, std::vector<Event> events) = 0;
  virtual Status PutImportedUsers(GroupId group, uint32_t import, std::vector<User> users) = 0;
  enum class ImportKind { kEvents, kUsers };
  virtual Status PublishImport(GroupId group, uint32_t import, ImportKind kind, bool replace) = 0;
  virtual Status AbandonImport(GroupId group, uint32_t import) = 0;

  // Called after each Append with the kept events, from the appending thread, under the group's order.
  using Listener = std::function<void(GroupId, const std::vector<Event>&)>;
  virtual void Listen(Listener listener) = 0;  // before serving only

  virtual Status EraseUser(GroupId group, std::string_view id) = 0;
  virtual Status EraseGroup(GroupId group) = 0;
};

// An event that cannot be read back is skipped and named in the log. Unpublished imports found at
// opening are removed.
Result<std::unique_ptr<History>> OpenHistory(storage::KeyValue& kv, const Clock& clock, Log& log);

}  // namespace trine::history
