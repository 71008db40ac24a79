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

// Keys for finding duplicates. The first hashes the event id. The second hashes user (or session), item, type
// and time and, if there is no item, the other columns. Different events may have the same hash, so an event
// found by such a key must be compared with the new one.
std::string EventIdHashKey(GroupId group, const Event& event);  // requires an event id
std::string ContentHashKey(GroupId group, const Event& event);

std::string GroupMeta(GroupId group);  // in family meta
inline constexpr std::string_view kGroupMetaPrefix = "history/";

}  // namespace trine::history::keys
