// Strong types for ids and units. Public functions take these instead of raw integers where possible.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace trine {

// An integer with its own type, deliberately without arithmetic. `Tag` only makes the types distinct.
template <typename Tag, typename Rep>
struct StrongId {
  Rep value{};
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  friend constexpr auto operator<=>(StrongId, StrongId) = default;  // NOLINT(modernize-use-nullptr)
};

using CollectionId = StrongId<struct CollectionIdTag, uint32_t>;  // one catalogue collection, never reused
using GroupId = StrongId<struct GroupIdTag, uint32_t>;            // one dataset group, never reused
using FieldId = StrongId<struct FieldIdTag, uint32_t>;            // one indexed field of a collection
using SeqNo = StrongId<struct SeqNoTag, uint64_t>;                // number of a write to a collection, from 0
using EventSeq = StrongId<struct EventSeqTag, uint64_t>;          // position in a group's event log, from 1
using Row = uint32_t;                                             // row in one segment, from 0

// Milliseconds since 1970-01-01T00:00:00Z.
struct Millis {
  int64_t value = 0;
  friend constexpr auto operator<=>(Millis, Millis) = default;  // NOLINT(modernize-use-nullptr)
};

}  // namespace trine

template <typename Tag, typename Rep>
struct std::hash<trine::StrongId<Tag, Rep>> {
  size_t operator()(trine::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value); }
};
