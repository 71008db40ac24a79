// The rows of a dataset group: its events and its users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "format/json.h"

namespace trine::history {

// The name of an attribute that contains a hash of the properties that were sent and not stored, because the
// schema does not have them. It only tells events apart.
inline constexpr const char* kOtherProperties = "TRINE_OTHER_PROPERTIES";

// One interaction of a user with an item. Bounds: CheckEvent in event_codec.h.
struct Event {
  EventSeq seq;         // position in the group's log; assigned by Append
  uint32_t import = 0;  // 0: streamed; else the number of its import
  std::string user_id;  // empty: anonymous, identified by session
  std::string session_id;
  std::string item_id;  // may be empty (a search event)
  std::string type;     // as sent; compared ignoring ASCII case
  Millis time;
  // The time that the sender stated, if it was in the future; `time` is then the arrival time.
  std::optional<Millis> claimed_time;
  std::optional<double> value;
  std::string event_id;  // empty: none
  // Sent with public credentials, which everyone who opens the shop's page can read. Such an event counts for
  // the person that it names and for nobody else: it enters no shared counter and no training.
  bool unverified = false;
  std::string recommendation_id;
  std::vector<std::string> impression;                          // ids of the items that were shown
  std::vector<std::pair<std::string, std::string>> attributes;  // other columns by upper-case name
};

// Replaces event times after `now`, the arrival time, with `now` and keeps the stated time as claimed_time.
// Otherwise events from one wrong clock would stay the newest in every list.
void ClampFutureTimes(Millis now, std::vector<Event>* events);

struct User {
  std::string id;
  format::Json attributes;  // object: upper-case column name -> scalar
  uint32_t import = 0;      // 0: streamed; else the number of its import
};

struct AppendResult {
  EventSeq first, end;  // the seqs [first, end) of the events that were kept
  // The number of events that were skipped: an earlier event of the same person and trust class has the same
  // event id, or neither has an event id and all their members except the session are equal.
  size_t duplicates = 0;
};

// The numbers of visible rows that an erasure removed.
struct Erased {
  uint64_t people = 0;  // of whom there was an event or a user
  uint64_t events = 0, users = 0;
};

// The kind of rows in an import. Reaches disk; never reuse a number.
enum class ImportKind : int { kEvents = 0, kUsers = 1 };

}  // namespace trine::history
