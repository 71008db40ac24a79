#include "format/event_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/check.h"

namespace trine::format {
namespace {

constexpr size_t kPreludeBytes = 12;   // two lengths and their checksum
constexpr size_t kChecksumBytes = 4;   // behind the payload
constexpr size_t kMaxNameBytes = 255;  // its length is one byte
constexpr size_t kMaxValueBytes = 32'767;

// The types of header values. The numbers are those of the encoding.
enum class ValueType : unsigned char {
  kTrue = 0,
  kFalse = 1,
  kByte = 2,
  kShort = 3,
  kInt = 4,
  kLong = 5,
  kBytes = 6,
  kText = 7,
  kTime = 8,
  kUuid = 9,
};

uint32_t Crc32(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

// Reads `bytes` bytes at `at`. Requires that they exist.
size_t ReadBigEndian(std::string_view text, size_t at, size_t bytes) {
  TRINE_DCHECK_LE(at + bytes, text.size());
  size_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(text[at + i]);
  return value;
}

Error Corrupt(const char* problem) {
  return Error(ErrorCode::kCorrupt, std::string("the event stream is damaged: ") + problem);
}

// Returns the number of bytes that a value takes, its own length field included; nullopt if the type is
// unknown or the length field is cut off.
std::optional<size_t> ValueBytes(ValueType type, std::string_view rest) {
  switch (type) {
    case ValueType::kTrue:
    case ValueType::kFalse:
      return 0;
    case ValueType::kByte:
      return 1;
    case ValueType::kShort:
      return 2;
    case ValueType::kInt:
      return 4;
    case ValueType::kLong:
    case ValueType::kTime:
      return 8;
    case ValueType::kUuid:
      return 16;
    case ValueType::kBytes:
    case ValueType::kText:
      if (rest.size() < 2) return std::nullopt;
      return 2 + ReadBigEndian(rest, 0, 2);
  }
  return std::nullopt;
}

Status ReadHeaders(std::string_view text, EventMessage* message) {
  while (!text.empty()) {
    const size_t name_bytes = ReadBigEndian(text, 0, 1);
    if (name_bytes == 0 || text.size() < 1 + name_bytes + 1) return Corrupt("a header is cut off");
    const std::string_view name = text.substr(1, name_bytes);
    const auto type = static_cast<ValueType>(text[1 + name_bytes]);
    text.remove_prefix(1 + name_bytes + 1);
    const std::optional<size_t> bytes = ValueBytes(type, text);
    if (!bytes || *bytes > text.size()) return Corrupt("the value of a header is cut off or of unknown type");
    if (type == ValueType::kText) message->headers.emplace_back(name, text.substr(2, *bytes - 2));
    text.remove_prefix(*bytes);
  }
  return Ok();
}

}  // namespace

std::string_view EventMessage::Header(std::string_view name) const {
  const auto at = std::ranges::find(headers, name, [](const auto& h) -> std::string_view { return h.first; });
  return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

void AppendEventMessage(const EventMessage& message, std::string* out) {
  TRINE_CHECK_LE(message.payload.size(), kMaxEventPayloadBytes);
  std::string headers;
  for (const auto& [name, value] : message.headers) {
    TRINE_CHECK(!name.empty());
    TRINE_CHECK_LE(name.size(), kMaxNameBytes);
    TRINE_CHECK_LE(value.size(), kMaxValueBytes);
    AppendBigEndian(name.size(), 1, &headers);
    headers += name;
    AppendBigEndian(static_cast<uint64_t>(ValueType::kText), 1, &headers);
    AppendBigEndian(value.size(), 2, &headers);
    headers += value;
  }
  TRINE_CHECK_LE(headers.size(), kMaxEventHeaderBytes);
  const size_t start = out->size();
  AppendBigEndian(kPreludeBytes + headers.size() + message.payload.size() + kChecksumBytes, 4, out);
  AppendBigEndian(headers.size(), 4, out);
  AppendBigEndian(Crc32(std::string_view(*out).substr(start)), 4, out);
  *out += headers;
  *out += message.payload;
  AppendBigEndian(Crc32(std::string_view(*out).substr(start)), 4, out);
}

Status EventStreamDecoder::Add(std::string_view bytes, const Take& take) {
  if (failed_) return Corrupt("it goes on after an error");
  while (!bytes.empty()) {
    Status added = AddPart(&bytes, take);
    if (!added.ok()) return failed_ = true, added;
  }
  return Ok();
}

// Moves the bytes that belong to the current message, at most, out of `bytes`.
Status EventStreamDecoder::AddPart(std::string_view* bytes, const Take& take) {
  const size_t goal = wanted_ == 0 ? kPreludeBytes : wanted_;
  TRINE_DCHECK_LT(buffer_.size(), goal);
  const size_t taken = std::min(goal - buffer_.size(), bytes->size());
  buffer_.append(bytes->substr(0, taken));
  bytes->remove_prefix(taken);
  if (buffer_.size() < goal) return Ok();
  const size_t header_bytes = ReadBigEndian(buffer_, 4, 4);
  if (wanted_ == 0) {
    if (ReadBigEndian(buffer_, 8, 4) != Crc32(std::string_view(buffer_).substr(0, 8)))
      return Corrupt("the checksum of the lengths does not match");
    const size_t total = ReadBigEndian(buffer_, 0, 4);
    if (header_bytes > kMaxEventHeaderBytes ||
        total > kPreludeBytes + header_bytes + kMaxEventPayloadBytes + kChecksumBytes) {
      return Error(ErrorCode::kLimit, "a message of the event stream is too large")
          .Expected("headers of at most " + std::to_string(kMaxEventHeaderBytes) +
                    " and a payload of at most " + std::to_string(kMaxEventPayloadBytes) + " bytes")
          .Got(std::to_string(total) + " bytes");
    }
    if (total < kPreludeBytes + header_bytes + kChecksumBytes)
      return Corrupt("the headers are longer than their message");
    wanted_ = total;
    return Ok();
  }
  const std::string_view all = buffer_, signed_part = all.substr(0, all.size() - kChecksumBytes);
  if (ReadBigEndian(all, signed_part.size(), kChecksumBytes) != Crc32(signed_part))
    return Corrupt("the checksum of a message does not match");
  EventMessage message;
  TRINE_TRY(ReadHeaders(all.substr(kPreludeBytes, header_bytes), &message));
  message.payload = signed_part.substr(kPreludeBytes + header_bytes);
  buffer_.clear();
  wanted_ = 0;
  return take(std::move(message));
}

Status EventStreamDecoder::Finish() const {
  if (failed_ || !buffer_.empty()) return Corrupt("it ends inside a message");
  return Ok();
}

}  // namespace trine::format
