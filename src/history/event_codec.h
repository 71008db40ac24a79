// Encodes events as bytes, for the log, the per-user slices and training snapshots.
// Layout: docs/formats/keys.md, "Events".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "history/event.h"

namespace trine::history {

// Bounds of one event, each far above what the wire formats admit.
inline constexpr size_t kMaxEventTypeBytes = 256;
inline constexpr size_t kMaxImpressionItems =
    1000;                                          // Personalize admits 1,000 characters of ids joined by '|'
inline constexpr size_t kMaxEventAttributes = 64;  // ten columns are usual
inline constexpr size_t kMaxAttributeBytes = 16384;  // one cell

// Returns kLimit if a member exceeds its bound; kInvalid if the event has neither a user id nor a session id,
// its value is not finite, or an id or the type contains a control character.
Status CheckEvent(const Event& event);

// Encodes all members except `seq`, which is in the key. Requires an event that CheckEvent accepts, or one
// that DecodeEvent returned.
std::string EncodeEvent(const Event& event);
// kFormatVersion for an unsupported format version; kCorrupt for any other bytes that EncodeEvent did not
// write. `seq` stays 0.
Result<Event> DecodeEvent(std::string_view bytes);
// Decodes only the import number. Same errors as DecodeEvent.
Result<uint32_t> DecodeImportNumber(std::string_view bytes);
// The members of an event that filters need. The views point into the decoded bytes.
struct EventSummary {
  uint32_t import = 0;
  std::string_view item_id, type;
};
// Decodes only these members and does not read the bytes after them. Same errors as DecodeEvent.
Result<EventSummary> DecodeEventSummary(std::string_view bytes);

}  // namespace trine::history
