// The event stream encoding of Amazon's streaming services (application/vnd.amazon.eventstream): an encoder,
// and a decoder for a stream that arrives in pieces. Source: "Amazon Event Stream Specification".
//
// A message is, with all numbers in big-endian order:
//
//   4 bytes  length of the whole message
//   4 bytes  length of the headers
//   4 bytes  CRC-32 of the 8 bytes above
//   headers  each: length of the name (1 byte), name, type (1 byte), value
//   payload
//   4 bytes  CRC-32 of everything above
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace trine::format {

// The bounds of the specification. The decoder rejects a larger message before its payload arrives.
inline constexpr size_t kMaxEventHeaderBytes = 128u << 10;
inline constexpr size_t kMaxEventPayloadBytes = 16u << 20;

struct EventMessage {
  // Names of 1 to 255 bytes with text values of at most 32,767 bytes, in order. ":message-type" is "event",
  // "exception" or "error"; ":event-type", ":exception-type", ":error-code" and ":content-type" describe it.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string payload;

  // Returns the value of a header, "" if there is none. Names are compared exactly.
  std::string_view Header(std::string_view name) const;
};

// Appends the message in the event stream encoding. Requires headers and a payload within the bounds above.
void AppendEventMessage(const EventMessage& message, std::string* out);

// Splits a stream into messages and checks both checksums of each. Headers whose value is not text (numbers,
// times, identifiers) are read and left out. Buffers at most one message. Not thread-safe.
class EventStreamDecoder {
 public:
  using Take = std::function<Status(EventMessage)>;

  // Takes the next bytes of the stream, and calls `take` for each message that they complete. kCorrupt if the
  // bytes are not such a stream or a checksum does not match; kLimit if a message is too large; an error of
  // `take` is returned. After an error the stream cannot be continued: every further call is kCorrupt.
  Status Add(std::string_view bytes, const Take& take);
  // Ends the stream. kCorrupt if it ends inside a message.
  Status Finish() const;

 private:
  Status AddPart(std::string_view* bytes, const Take& take);

  std::string buffer_;  // the message that is not complete yet
  size_t wanted_ = 0;   // its length; 0 until the first 12 bytes were read and checked
  bool failed_ = false;
};

}  // namespace trine::format
