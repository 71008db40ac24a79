// Sessions: an anonymous visitor is known by a session id only. The first event that has both this session id
// and a user id shows who the visitor is. From then on the session belongs to that user: its earlier events
// are moved to the user's slice, and later ones without a user id are stored as the user's.
//
// Public callers choose session ids freely, so unverified events say less: they assign the unverified events
// of a session only, the first of them decides, and none does once a verified event has assigned the session.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {

using storage::Durability;
using storage::Family;
using storage::WriteBatch;

namespace {

// A session with more events belongs to no single visitor: many share its id. Its newest events are moved,
// which bounds the time for which other appends wait.
constexpr size_t kMaxJoinedEvents = 10'000;
constexpr size_t kRowsPerJoin = 2'000;  // rows of an import per turn; bounds the memory and the waiting time

// The value of a session's row contains its id, because sessions with the same hash share a key.
std::string EncodeOwner(std::string_view session, std::string_view user) {
  return storage::KeyBuilder().Text(session).Tail(user).Take();
}

// Returns the (session, user) in a row of event_ids; nullopt for the row of an event, whose 8 bytes begin
// with zeros and therefore with an empty session.
std::optional<std::pair<std::string_view, std::string_view>> DecodeOwner(std::string_view value) {
  storage::KeyReader reader(value);
  std::string_view session;
  if (!reader.Text(&session) || session.empty() || reader.Tail().empty()) return std::nullopt;
  return std::pair(session, reader.Tail());
}

// The claims of events about one session. Index 0: by verified events, 1: by unverified ones.
struct SessionClaims {
  std::optional<std::string> stored[2], named[2];
  std::vector<Event*> anonymous;

  std::optional<std::string> Owner(bool unverified) const {
    const auto newest = [&](size_t i) { return named[i] ? named[i] : stored[i]; };
    const auto verified = newest(0);
    return verified || !unverified ? verified : newest(1);
  }
};

}  // namespace

std::optional<std::string> GroupLog::OwnerIn(const std::optional<std::string>& value,
                                             std::string_view session) {
  if (!value) return std::nullopt;
  const auto owner = DecodeOwner(*value);
  if (!owner || owner->first != session) return std::nullopt;
  return std::string(owner->second);
}

Result<std::optional<std::string>> GroupLog::UserOfSession(std::string_view session) const {
  const std::vector<std::string> lookups = {keys::SessionKey(group_, session, false),
                                            keys::SessionKey(group_, session, true)};
  TRINE_ASSIGN(const auto values, kv_.MultiGet(Family::kEventIds, lookups));
  TRINE_CHECK_EQ(values.size(), lookups.size());
  if (auto verified = OwnerIn(values[0], session)) return verified;
  auto unverified = OwnerIn(values[1], session);
  if (!unverified) return unverified;
  // An unverified event must not change what a visitor with recorded events is shown.
  std::vector<Event> own;
  TRINE_TRY(ReadSlice(keys::UserSlice(group_, keys::SliceOwner::kSession, session), 1, &own));
  return own.empty() ? unverified : std::nullopt;
}

Result<std::string> GroupLog::UserForRequest(std::string_view user, std::string_view session) const {
  if (session.empty() || (!user.empty() && user != session)) return std::string(user);
  TRINE_ASSIGN(auto owner, UserOfSession(session));
  if (!owner) return std::string(user);
  if (user.empty()) return *std::move(owner);
  std::vector<Event> own;
  TRINE_TRY(ReadSlice(keys::UserSlice(group_, keys::SliceOwner::kUser, user), 1, &own));
  if (!own.empty()) return std::string(user);
  TRINE_ASSIGN(const auto known, GetUser(user));
  return known ? std::string(user) : *std::move(owner);
}

Status GroupLog::JoinSessions(const std::vector<Event*>& events, uint32_t import, SessionMoves* moves) const {
  std::map<std::string, SessionClaims> sessions;
  for (Event* event : events) {
    if (event->session_id.empty()) continue;
    SessionClaims& claims = sessions[event->session_id];
    if (event->user_id.empty()) {
      claims.anonymous.push_back(event);
    } else {
      auto& named = claims.named[event->unverified ? 1 : 0];
      if (!event->unverified || !named) named = event->user_id;  // the newest verified, the first unverified
    }
  }
  if (sessions.empty()) return Ok();
  std::vector<std::string> lookups;
  for (const auto& [id, claims] : sessions) {
    for (const bool unverified : {false, true}) lookups.push_back(keys::SessionKey(group_, id, unverified));
  }
  TRINE_ASSIGN(const auto values, kv_.MultiGet(Family::kEventIds, lookups));
  TRINE_CHECK_EQ(values.size(), lookups.size());
  size_t at = 0;
  for (auto& [id, claims] : sessions) {
    bool moved[2] = {false, false};
    for (size_t i = 0; i < 2; ++i) claims.stored[i] = OwnerIn(values[at + i], id);
    // An unverified event says nothing about a session that has an owner.
    if (claims.Owner(false) || claims.stored[1]) claims.named[1].reset();
    for (size_t i = 0; i < 2; ++i) {
      const auto& user = claims.named[i];
      if (!user || user == claims.stored[i]) continue;
      const std::string owner = EncodeOwner(id, *user);
      moves->batch.Put(Family::kEventIds, lookups[at + i], owner);
      if (claims.stored[i]) {
        moves->batch.Delete(Family::kEventIds, keys::OwnedSessionKey(group_, *claims.stored[i], id, i == 1));
      }
      moves->batch.Put(Family::kEventIds, keys::OwnedSessionKey(group_, *user, id, i == 1), owner);
      // If the session already had an owner, its earlier events are that owner's.
      if (claims.stored[i]) continue;
      TRINE_TRY(MoveSession(id, *user, i == 1, import, moves));
      moved[i] = true;
    }
    at += 2;
    if (import == 0) {
      for (Event* event : claims.anonymous) event->user_id = claims.Owner(event->unverified).value_or("");
    } else if (!claims.anonymous.empty() && !moved[0]) {
      // These rows are stored already, and the session may have had an owner before the import.
      const auto verified = claims.Owner(false), unverified = claims.Owner(true);
      if (verified) {
        TRINE_TRY(MoveSession(id, *verified, false, import, moves));
      } else if (unverified && !moved[1]) {
        TRINE_TRY(MoveSession(id, *unverified, true, import, moves));
      }
    }
  }
  return Ok();
}

Status GroupLog::MoveSession(const std::string& session, const std::string& user, bool only_unverified,
                             uint32_t import, SessionMoves* moves) const {
  const std::string prefix = keys::UserSlice(group_, keys::SliceOwner::kSession, session);
  const std::shared_ptr<const GroupMeta> now = meta();  // stable: the caller has the writer's turn
  const std::unique_ptr<storage::Cursor> cursor = kv_.ScanPrefix(Family::kUserEvents, prefix);
  std::vector<Event> events;
  for (; events.size() < kMaxJoinedEvents && cursor->Valid() && cursor->key().starts_with(prefix);
       cursor->Next()) {
    auto event = DecodeEvent(cursor->value());
    if (!event.ok() || (only_unverified && !event->unverified)) continue;
    // The rows of an import that vanishes must stay where its removal finds them.
    const bool of_import = import != 0 && event->import == import;
    if (!of_import && !now->Visible(event->import, ImportKind::kEvents)) continue;
    event->seq = keys::SeqOfUserEvent(cursor->key());
    moves->batch.Delete(Family::kUserEvents, std::string(cursor->key()));
    if (event->import == 0) moves->batch.Delete(Family::kEventIds, DuplicateKey(*event));
    event->user_id = user;
    events.push_back(*std::move(event));
  }
  TRINE_TRY(cursor->status());
  if (events.empty()) return Ok();
  moves->slices.push_back(prefix);
  moves->slices.push_back(keys::UserSlice(group_, keys::SliceOwner::kUser, user));
  TRINE_TRY(DropMovedDuplicates(&events, moves));
  for (const Event& event : events) {
    std::string bytes = EncodeEvent(event);
    moves->batch.Put(Family::kUserEvents, keys::UserEvent(group_, event), bytes);
    moves->batch.Put(Family::kInteractions, keys::Interaction(group_, event.seq), std::move(bytes));
    if (event.import == 0) PutDuplicateKey(event, &moves->batch);
  }
  return Ok();
}

// Of a moved event and one of the user's own that is the same, the one that was recorded first is kept.
Status GroupLog::DropMovedDuplicates(std::vector<Event>* events, SessionMoves* moves) const {
  std::vector<std::string> lookups;
  for (const Event& event : *events) {
    if (event.import != 0) continue;  // imported events are not checked for duplicates
    lookups.push_back(DuplicateKey(event));
    lookups.push_back(OldDuplicateKey(event));
  }
  TRINE_ASSIGN(const auto found, kv_.MultiGet(Family::kEventIds, lookups));
  TRINE_CHECK_EQ(found.size(), lookups.size());
  const auto drop = [&](const Event& event) {
    moves->batch.Delete(Family::kInteractions, keys::Interaction(group_, event.seq));
    ++moves->dropped;
    moves->dropped_verified = moves->dropped_verified || !event.unverified;
  };
  std::vector<Event> kept;
  size_t at = 0;
  for (Event& event : *events) {
    if (event.import != 0) {
      kept.push_back(std::move(event));
      continue;
    }
    bool keep = !moves->duplicate_keys.contains(lookups[at]);
    for (size_t k = 0; k < 2 && keep; ++k) {
      if (!found[at + k]) continue;
      TRINE_ASSIGN(const std::optional<Event> own, FindStoredDuplicate(event, *found[at + k]));
      if (!own) continue;
      keep = event.seq < own->seq;
      if (!keep) break;
      moves->batch.Delete(Family::kUserEvents, keys::UserEvent(group_, *own));
      moves->batch.Delete(Family::kEventIds, OldDuplicateKey(*own));
      drop(*own);
      break;
    }
    moves->duplicate_keys.insert(lookups[at]);
    at += 2;
    if (keep) {
      kept.push_back(std::move(event));
    } else {
      drop(event);
    }
  }
  *events = std::move(kept);
  return Ok();
}

Status GroupLog::JoinImportedSessions(const Import& import) {
  const std::string end = keys::Interaction(group_, import.end);
  std::string from = keys::Interaction(group_, import.first);
  while (true) {
    const WriterTurn turn(*this);
    std::vector<Event> events;
    const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kInteractions);
    size_t rows = 0;
    for (cursor->Seek(from); rows < kRowsPerJoin && cursor->Valid() && cursor->key() < end; cursor->Next()) {
      ++rows;
      from.assign(cursor->key()).push_back('\0');  // the next possible key
      auto event = DecodeEvent(cursor->value());
      if (event.ok() && event->import == import.number && !event->session_id.empty())
        events.push_back(*std::move(event));
    }
    TRINE_TRY(cursor->status());
    if (rows == 0) return Ok();
    std::vector<Event*> pointers;
    for (Event& event : events) pointers.push_back(&event);
    SessionMoves moves;
    TRINE_TRY(JoinSessions(pointers, import.number, &moves));
    if (moves.dropped > 0) {
      GroupMeta next = *meta();
      moves.CountDropped(&next);
      TRINE_TRY(WriteMeta(std::move(moves.batch), std::move(next)));
    } else if (!moves.batch.empty()) {
      // The write that publishes the import makes these durable, too.
      TRINE_TRY(kv_.Write(moves.batch, Durability::kBuffered));
    }
  }
}

Result<std::vector<GroupLog::OwnedSession>> GroupLog::SessionsOf(const std::string& user) const {
  std::vector<OwnedSession> owned;
  const std::string prefix = keys::OwnedSessions(group_, user);
  const std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kEventIds);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    // Other users, and events, may have the same hash.
    const auto owner = DecodeOwner(cursor->value());
    if (cursor->key().size() == prefix.size() || !owner || owner->second != user) continue;
    const bool unverified = cursor->key() == keys::OwnedSessionKey(group_, user, owner->first, true);
    owned.push_back({std::string(owner->first), unverified});
  }
  TRINE_TRY(cursor->status());
  return owned;
}

}  // namespace trine::history
