// Fuzzes the decoder of event streams: the messages do not depend on the pieces in which the stream arrives,
// and messages whose headers are all text encode to the bytes that were read.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "format/event_stream.h"

namespace {

// The decoded messages, encoded again; with a mark at the end if the stream is damaged.
std::string Again(std::string_view bytes, size_t step) {
  trine::format::EventStreamDecoder decoder;
  std::string again;
  bool intact = true;
  for (size_t at = 0; at < bytes.size() && intact; at += step) {
    intact = decoder
                 .Add(bytes.substr(at, step),
                      [&](const trine::format::EventMessage& message) {
                        for (const auto& [name, value] : message.headers) {
                          if (value.size() > 32'767) return trine::Ok();  // readable, but not written
                        }
                        trine::format::AppendEventMessage(message, &again);
                        return trine::Ok();
                      })
                 .ok();
  }
  return again + (intact && decoder.Finish().ok() ? "" : "damaged");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = Again(bytes, size + 1);
  TRINE_CHECK(whole == Again(bytes, 1));
  TRINE_CHECK(whole == Again(bytes, 7));
  return 0;
}
