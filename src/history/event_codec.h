// EventCodec: an event as bytes, for the log, the per-user slices and training snapshots.
// Layout: docs/formats/keys.md, "Events".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "history/history.h"

namespace trine::history {

// Bounds of one event, each far above what the wire formats let through.
inline constexpr size_t kMaxEventTypeBytes = 256;
inline constexpr size_t kMaxImpressionItems = 1000;  // 1,000 characters of '|'-joined ids fit
inline constexpr size_t kMaxEventAttributes = 64;    // ten columns are usual
inline constexpr size_t kMaxAttributeBytes = 16384;  // one cell

// kLimit or kInvalid when a member is longer than its bound, or when neither a user
// nor a session names who did it.
Status CheckEvent(const Event& event);

// Everything but `seq`, which is in the key.
std::string EncodeEvent(const Event& event);
// kCorrupt when the bytes are not what EncodeEvent wrote. `seq` is left 0.
Result<Event> DecodeEvent(std::string_view bytes);
// Only the import number, without decoding the rest. kCorrupt as above.
Result<uint32_t> DecodeImportNumber(std::string_view bytes);

// Little helpers of the same byte grammar (LEB128 integers, length-prefixed text), shared by the
// other codecs of this floor and by snapshots.
void PutVarint(uint64_t v, std::string* out);
bool GetVarint(std::string_view* in, uint64_t* v);
void PutText(std::string_view text, std::string* out);
bool GetText(std::string_view* in, std::string_view* text);

}  // namespace trine::history
