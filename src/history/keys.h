// Keys of the history families. Layouts: docs/formats/keys.md. They reach disk; a layout never changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "history/event.h"

namespace trine::history::keys {

// The owner of a slice of the log: a user, or the session of an anonymous user. Reaches disk; never reuse a
// value.
enum class SliceOwner : char { kUser = 'u', kSession = 's' };

std::string Interaction(GroupId group, EventSeq seq);
// Every key of the group, in any family except meta, lies in [Group(g), GroupEnd(g)). Requires g <
// UINT32_MAX.
std::string Group(GroupId group);
std::string GroupEnd(GroupId group);

std::string UserSlice(GroupId group, SliceOwner owner, std::string_view id);  // prefix of the keys below
std::string UserEvent(GroupId group, SliceOwner owner, std::string_view id, Millis time, EventSeq seq);
// The event's key in the slice of its user. An event without a user is in the slice of its session. Requires
// a user id or a session id.
std::string UserEvent(GroupId group, const Event& event);
EventSeq SeqOfUserEvent(std::string_view key);  // 0 if the key is damaged

std::string User(GroupId group, std::string_view id, uint32_t import);
std::string UserPrefix(GroupId group, std::string_view id);

// Keys for finding duplicates. Different events may have the same hash, so an event found by such a key must
// be compared with the new one. The first hashes the person (user, or session of an anonymous user) and the
// event id, the second the person and all other members except the session.
std::string EventIdKey(GroupId group, const Event& event);  // requires an event id
std::string PropertiesKey(GroupId group, const Event& event);
// The keys that 0.1.0 wrote: over the event id alone, and over person, item, type and time (and the other
// columns if there is no item). They are only read and deleted.
std::string OldEventIdKey(GroupId group, const Event& event);  // requires an event id
std::string OldContentKey(GroupId group, const Event& event);
// In family event_ids: the user to whom verified, or unverified, events have assigned a session.
std::string SessionKey(GroupId group, std::string_view session, bool unverified);

// The same row by user: OwnedSessions is the prefix of the keys of all sessions of a user.
std::string OwnedSessionKey(GroupId group, std::string_view user, std::string_view session, bool unverified);
std::string OwnedSessions(GroupId group, std::string_view user);

std::string GroupMeta(GroupId group);  // in family meta
// In family meta: people were erased whose bytes may still be in the files of the store.
std::string ErasedMark(GroupId group);
// In family meta: rows of imports were removed whose bytes may still be in the files of the store. Nothing is
// done about them until a person is erased, who may have been in these rows.
std::string RemovedMark(GroupId group);
// In family meta: the erasure of this person has begun. With an empty id, the prefix of these keys.
std::string UnfinishedErasure(GroupId group, std::string_view user);
inline constexpr std::string_view kGroupMetaPrefix = "history/";
inline constexpr std::string_view kErasedPrefix = "history-erased/";

}  // namespace trine::history::keys
