#include "history/event_codec.h"

#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/id_text.h"
#include "base/limits.h"
#include "base/varint.h"
#include "storage/format_version.h"

namespace trine::history {
namespace {

constexpr char kVersion = 1;
// Flags; they reach disk, never reuse one.
constexpr uint64_t kHasValue = 1, kHasClaimedTime = 2, kUnverified = 4;

uint64_t ZigZag(int64_t v) { return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63); }
int64_t UnZigZag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }

Error DamagedEvent() { return Error(ErrorCode::kCorrupt, "a stored event is damaged"); }

// Checks and removes the version byte. Versions begin at 1, so 0 means damage.
Status ReadVersion(std::string_view* bytes) {
  if (bytes->empty() || bytes->front() == 0) return DamagedEvent();
  const auto version = static_cast<uint8_t>(bytes->front());
  if (version != kVersion) return storage::UnsupportedFormatVersion("a stored event", version, kVersion);
  bytes->remove_prefix(1);
  return Ok();
}

bool GetString(std::string_view* in, std::string* out) {
  std::string_view text;
  if (!ConsumeLengthPrefixed(in, &text)) return false;
  out->assign(text);
  return true;
}

Status CheckText(std::string_view text, size_t bound, const char* what) {
  if (text.size() <= bound) return Ok();
  return Error(ErrorCode::kLimit, std::string("the event's ") + what + " is too long")
      .Expected("at most " + std::to_string(bound) + " bytes")
      .Got(std::to_string(text.size()))
      .Where(what);
}

bool GetLists(std::string_view* in, Event* event) {
  uint64_t count = 0;
  if (!ConsumeVarint(in, &count) || count > kMaxImpressionItems) return false;
  event->impression.resize(count);
  for (std::string& id : event->impression) {
    if (!GetString(in, &id)) return false;
  }
  if (!ConsumeVarint(in, &count) || count > kMaxEventAttributes) return false;
  event->attributes.resize(count);
  for (auto& [name, value] : event->attributes) {
    if (!GetString(in, &name) || !GetString(in, &value)) return false;
  }
  return true;
}

}  // namespace

namespace {

// The bounds of EncodeEvent.
Status CheckBounds(const Event& event) {
  TRINE_TRY(CheckText(event.user_id, limits::kMaxIdBytes, "user id"));
  TRINE_TRY(CheckText(event.session_id, limits::kMaxIdBytes, "session id"));
  TRINE_TRY(CheckText(event.item_id, limits::kMaxIdBytes, "item id"));
  TRINE_TRY(CheckText(event.event_id, limits::kMaxIdBytes, "event id"));
  TRINE_TRY(CheckText(event.recommendation_id, limits::kMaxIdBytes, "recommendation id"));
  TRINE_TRY(CheckText(event.type, kMaxEventTypeBytes, "type"));
  if (event.user_id.empty() && event.session_id.empty()) {
    return Error(ErrorCode::kInvalid, "the event has neither a user id nor a session id").Where("user id");
  }
  if (event.value && !std::isfinite(*event.value)) {
    return Error(ErrorCode::kInvalid, "the event's value is not a finite number").Where("value");
  }
  if (event.impression.size() > kMaxImpressionItems || event.attributes.size() > kMaxEventAttributes) {
    return Error(ErrorCode::kLimit, "the event has too many impressions or attributes");
  }
  for (const std::string& id : event.impression) {
    TRINE_TRY(CheckText(id, limits::kMaxIdBytes, "impression"));
  }
  for (const auto& [name, value] : event.attributes) {
    TRINE_TRY(CheckText(name, kMaxEventTypeBytes, "attribute name"));
    TRINE_TRY(CheckText(value, kMaxAttributeBytes, "attribute value"));
  }
  return Ok();
}

}  // namespace

Status CheckEvent(const Event& event) {
  TRINE_TRY(CheckBounds(event));
  TRINE_TRY(CheckIdText(event.user_id, "user id"));
  TRINE_TRY(CheckIdText(event.session_id, "session id"));
  TRINE_TRY(CheckIdText(event.item_id, "item id"));
  TRINE_TRY(CheckIdText(event.event_id, "event id"));
  TRINE_TRY(CheckIdText(event.recommendation_id, "recommendation id"));
  TRINE_TRY(CheckIdText(event.type, "event type"));
  for (const std::string& id : event.impression) TRINE_TRY(CheckIdText(id, "impression"));
  return Ok();
}

std::string EncodeEvent(const Event& event) {
  TRINE_CHECK(!event.user_id.empty() || !event.session_id.empty());
  TRINE_CHECK_LE(event.impression.size(), kMaxImpressionItems);  // DecodeEvent rejects more as damage
  TRINE_CHECK_LE(event.attributes.size(), kMaxEventAttributes);
  TRINE_DCHECK(CheckBounds(event).ok());  // events of 0.1.0 may have control characters in their ids
  std::string out;
  out.reserve(48 + event.user_id.size() + event.item_id.size() + event.session_id.size());
  out.push_back(kVersion);
  AppendVarint(event.import, &out);
  AppendVarint((event.value ? kHasValue : 0) | (event.claimed_time ? kHasClaimedTime : 0) |
                   (event.unverified ? kUnverified : 0),
               &out);
  AppendVarint(ZigZag(event.time.value), &out);
  if (event.claimed_time) AppendVarint(ZigZag(event.claimed_time->value), &out);
  AppendLengthPrefixed(event.user_id, &out);
  AppendLengthPrefixed(event.session_id, &out);
  AppendLengthPrefixed(event.item_id, &out);
  AppendLengthPrefixed(event.type, &out);
  if (event.value) {
    char bytes[sizeof(double)];
    std::memcpy(bytes, &*event.value, sizeof bytes);
    out.append(bytes, sizeof bytes);
  }
  AppendLengthPrefixed(event.event_id, &out);
  AppendLengthPrefixed(event.recommendation_id, &out);
  AppendVarint(event.impression.size(), &out);
  for (const std::string& id : event.impression) AppendLengthPrefixed(id, &out);
  AppendVarint(event.attributes.size(), &out);
  for (const auto& [name, value] : event.attributes) {
    AppendLengthPrefixed(name, &out);
    AppendLengthPrefixed(value, &out);
  }
  return out;
}

Result<uint32_t> DecodeImportNumber(std::string_view bytes) {
  uint64_t import = 0;
  TRINE_TRY(ReadVersion(&bytes));
  if (!ConsumeVarint(&bytes, &import) || import > UINT32_MAX) return DamagedEvent();
  return static_cast<uint32_t>(import);
}

Result<EventSummary> DecodeEventSummary(std::string_view bytes) {
  EventSummary summary;
  TRINE_TRY(ReadVersion(&bytes));
  uint64_t import = 0, flags = 0, time = 0;
  if (!ConsumeVarint(&bytes, &import) || import > UINT32_MAX || !ConsumeVarint(&bytes, &flags) ||
      !ConsumeVarint(&bytes, &time)) {
    return DamagedEvent();
  }
  summary.import = static_cast<uint32_t>(import);
  if ((flags & kHasClaimedTime) != 0 && !ConsumeVarint(&bytes, &time)) return DamagedEvent();
  std::string_view user, session;
  if (!ConsumeLengthPrefixed(&bytes, &user) || !ConsumeLengthPrefixed(&bytes, &session) ||
      !ConsumeLengthPrefixed(&bytes, &summary.item_id) || !ConsumeLengthPrefixed(&bytes, &summary.type)) {
    return DamagedEvent();
  }
  return summary;
}

Result<Event> DecodeEvent(std::string_view bytes) {
  Event event;
  TRINE_TRY(ReadVersion(&bytes));
  uint64_t import = 0, flags = 0, time = 0;
  if (!ConsumeVarint(&bytes, &import) || import > UINT32_MAX || !ConsumeVarint(&bytes, &flags) ||
      !ConsumeVarint(&bytes, &time)) {
    return DamagedEvent();
  }
  event.import = static_cast<uint32_t>(import);
  event.unverified = (flags & kUnverified) != 0;
  event.time = Millis{UnZigZag(time)};
  if ((flags & kHasClaimedTime) != 0) {
    if (!ConsumeVarint(&bytes, &time)) return DamagedEvent();
    event.claimed_time = Millis{UnZigZag(time)};
  }
  if (!GetString(&bytes, &event.user_id) || !GetString(&bytes, &event.session_id) ||
      !GetString(&bytes, &event.item_id) || !GetString(&bytes, &event.type)) {
    return DamagedEvent();
  }
  if ((flags & kHasValue) != 0) {
    double value = 0;
    if (bytes.size() < sizeof value) return DamagedEvent();
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    event.value = value;
  }
  if (!GetString(&bytes, &event.event_id) || !GetString(&bytes, &event.recommendation_id) ||
      !GetLists(&bytes, &event) || !bytes.empty()) {
    return DamagedEvent();
  }
  return event;
}

}  // namespace trine::history
