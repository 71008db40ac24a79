#include "history/keys.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/text.h"
#include "storage/key_value.h"

namespace trine::history::keys {
namespace {

using storage::KeyBuilder;

constexpr uint64_t kSignBit = 1ULL << 63;

// Complementing reverses the order, so that the newest time sorts first.
uint64_t Descending(Millis time) { return ~(static_cast<uint64_t>(time.value) ^ kSignBit); }

void AppendTerminated(std::string_view part, std::string* out) {
  out->append(part);
  out->push_back('\0');
}

// The person of an event, as the beginning of hashed text. A user and a session with the same id differ. So
// do unverified events and verified ones: otherwise a public caller could make the shop's own event with a
// known id vanish.
std::string PersonOf(const Event& event) {
  const bool anonymous = event.user_id.empty();
  std::string person = event.unverified ? "unverified" : "";
  person.push_back(static_cast<char>(anonymous ? SliceOwner::kSession : SliceOwner::kUser));
  AppendTerminated(anonymous ? event.session_id : event.user_id, &person);
  return person;
}

}  // namespace

std::string Interaction(GroupId group, EventSeq seq) {
  return KeyBuilder().U32(group.value).U64(seq.value).Take();
}
std::string Group(GroupId group) { return KeyBuilder().U32(group.value).Take(); }
std::string GroupEnd(GroupId group) {
  TRINE_CHECK_LT(group.value, UINT32_MAX);
  return KeyBuilder().U32(group.value + 1).Take();
}

std::string UserSlice(GroupId group, SliceOwner owner, std::string_view id) {
  const char tag = static_cast<char>(owner);
  return KeyBuilder().U32(group.value).Text(std::string(1, tag).append(id)).Take();
}

std::string UserEvent(GroupId group, SliceOwner owner, std::string_view id, Millis time, EventSeq seq) {
  const char tag = static_cast<char>(owner);
  return KeyBuilder()
      .U32(group.value)
      .Text(std::string(1, tag).append(id))
      .U64(Descending(time))
      .U64(~seq.value)
      .Take();
}

std::string UserEvent(GroupId group, const Event& event) {
  TRINE_CHECK(!event.user_id.empty() || !event.session_id.empty());
  return event.user_id.empty()
             ? UserEvent(group, SliceOwner::kSession, event.session_id, event.time, event.seq)
             : UserEvent(group, SliceOwner::kUser, event.user_id, event.time, event.seq);
}

EventSeq SeqOfUserEvent(std::string_view key) {
  if (key.size() < 16) return EventSeq{0};
  storage::KeyReader reader(key.substr(key.size() - 8));
  uint64_t seq = 0;
  return reader.U64(&seq) ? EventSeq{~seq} : EventSeq{0};
}

std::string UserPrefix(GroupId group, std::string_view id) {
  return KeyBuilder().U32(group.value).Text(id).Take();
}
std::string User(GroupId group, std::string_view id, uint32_t import) {
  return KeyBuilder().U32(group.value).Text(id).U32(import).Take();
}

std::string EventIdKey(GroupId group, const Event& event) {
  TRINE_CHECK(!event.event_id.empty());  // otherwise all events without an id would be duplicates
  std::string what = PersonOf(event);
  what.append(event.event_id);
  return KeyBuilder().U32(group.value).U64(Hash64(what, 3)).Take();
}

std::string PropertiesKey(GroupId group, const Event& event) {
  std::string what = PersonOf(event);
  AppendTerminated(event.item_id, &what);
  AppendTerminated(ToLowerAscii(event.type), &what);
  // Uses the time as sent, even if it was in the future. The arrival time, which replaced it, is different
  // each time that the same event is sent.
  AppendTerminated(std::to_string(event.claimed_time.value_or(event.time).value), &what);
  AppendTerminated(event.value ? format::ShortestDouble(*event.value) : std::string(), &what);
  AppendTerminated(event.recommendation_id, &what);
  for (const std::string& id : event.impression) AppendTerminated(id, &what);
  what.push_back('\0');
  auto attributes = event.attributes;  // their order is that of the JSON object that was sent
  std::ranges::sort(attributes);
  for (const auto& [name, value] : attributes) {
    AppendTerminated(name, &what);
    AppendTerminated(value, &what);
  }
  return KeyBuilder().U32(group.value).U64(Hash64(what, 4)).Take();
}

std::string SessionKey(GroupId group, std::string_view session, bool unverified) {
  return KeyBuilder().U32(group.value).U64(Hash64(session, unverified ? 6 : 5)).Take();
}

std::string OwnedSessions(GroupId group, std::string_view user) {
  return KeyBuilder().U32(group.value).U64(Hash64(user, 7)).Take();
}

std::string OwnedSessionKey(GroupId group, std::string_view user, std::string_view session, bool unverified) {
  return KeyBuilder().Tail(OwnedSessions(group, user)).U64(Hash64(session, unverified ? 6 : 5)).Take();
}

std::string OldEventIdKey(GroupId group, const Event& event) {
  TRINE_CHECK(!event.event_id.empty());  // otherwise all events without an id would be duplicates
  return KeyBuilder().U32(group.value).U64(Hash64(event.event_id, 1)).Take();
}

std::string OldContentKey(GroupId group, const Event& event) {
  std::string what;
  AppendTerminated(event.user_id.empty() ? event.session_id : event.user_id, &what);
  AppendTerminated(event.item_id, &what);
  for (char c : event.type) what.push_back(ToLowerAscii(c));
  what.push_back('\0');
  // Uses the time as sent, even if it was in the future. The arrival time, which replaced it, is different
  // each time that the same event is sent.
  what.append(std::to_string(event.claimed_time.value_or(event.time).value));
  // For an event without an item (a search), also hashes the other columns, because two different searches by
  // one user at the same time differ only in these.
  if (event.item_id.empty()) {
    for (const auto& [name, value] : event.attributes) {
      AppendTerminated(name, &what);
      AppendTerminated(value, &what);
    }
  }
  return KeyBuilder().U32(group.value).U64(Hash64(what, 2)).Take();
}

std::string ErasedMark(GroupId group) { return KeyBuilder().Tail(kErasedPrefix).U32(group.value).Take(); }
std::string RemovedMark(GroupId group) {
  return KeyBuilder().Tail("history-removed/").U32(group.value).Take();
}
std::string UnfinishedErasure(GroupId group, std::string_view user) {
  return KeyBuilder().Tail("history-erasing/").U32(group.value).Tail(user).Take();
}

std::string GroupMeta(GroupId group) { return KeyBuilder().Tail(kGroupMetaPrefix).U32(group.value).Take(); }

}  // namespace trine::history::keys
