// Keys of the history families. Layouts: docs/formats/keys.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "history/history.h"

namespace trine::history::keys {

// Whose slice of the log: a person, or a session whose person was not known.
enum class SliceOwner : char { kUser = 'u', kSession = 's' };

std::string Interaction(GroupId group, EventSeq seq);
// Every key of the group in any family lies in [Group(g), GroupEnd(g)).
std::string Group(GroupId group);
std::string GroupEnd(GroupId group);

std::string UserSlice(GroupId group, SliceOwner owner, std::string_view id);  // prefix of the keys below
std::string UserEvent(GroupId group, SliceOwner owner, std::string_view id, Millis time, EventSeq seq);
// The slice an event belongs to: its user's, else its session's.
std::string UserEvent(GroupId group, const Event& event);
EventSeq SeqOfUserEvent(std::string_view key);  // 0 when the key is broken

std::string User(GroupId group, std::string_view id, uint32_t import);
std::string UserPrefix(GroupId group, std::string_view id);

// What makes two events the same: their event id, or who, item, type and time.
std::string EventIdHashKey(GroupId group, const Event& event);  // requires an event id
std::string ContentHashKey(GroupId group, const Event& event);

std::string GroupMeta(GroupId group);  // in family meta
inline constexpr std::string_view kGroupMetaPrefix = "history/";

}  // namespace trine::history::keys
