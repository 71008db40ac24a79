// Http2Session: the frames of one HTTP/2 connection (RFC 9113), without a socket. nghttp2 reads and writes
// them; only http2_session.cc uses it.
//
// nghttp2 itself ends a connection whose client resets many streams, continues a head in many frames, or
// asks for many acknowledgements without reading them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace trine::net {

// The bytes with which a client of HTTP/2 opens a connection. No request of HTTP/1.1 begins with them.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr uint32_t kMaxHttp2Streams = 100;  // requests at a time; RFC 9113 advises at least 100

// Owned by a connection. Not thread-safe. No function throws; what an event throws ends the session.
class Http2Session {
 public:
  // The result of a read from a response's body. `kLater`: there is nothing now, and ResumeBody follows.
  // `kBroken`: the rest cannot be made, and the stream is reset.
  struct BodyRead {
    enum class State { kMore, kEnd, kLater, kBroken } state = State::kMore;
    size_t size = 0;  // bytes that were written; 0 with kLater and kBroken
  };
  // The head of a request. `length`: the Content-Length; `ended`: there is no body.
  struct Head {
    Request request;
    std::optional<uint64_t> length;
    bool ended = false;
    bool expects_continue = false;
    int failure_status = 0;  // not 0: the request must be rejected with this status and `failure`
    Error failure{ErrorCode::kInvalid, ""};
  };

  // What happens on the streams. Called from Receive and Send; may call every function but these two.
  class Events {
   public:
    virtual ~Events() = default;
    virtual void OnHeadBegin(int32_t stream) = 0;
    virtual void OnHead(int32_t stream, Head head) = 0;
    virtual void OnBody(int32_t stream, std::string_view piece) = 0;
    virtual void OnRequestEnd(int32_t stream) = 0;
    // The last call about a stream. It was answered, or one of the sides has reset it.
    virtual void OnClosed(int32_t stream) = 0;
    // Writes the next part of a response's body to `out`.
    virtual BodyRead ReadBody(int32_t stream, char* out, size_t room) = 0;
  };

  // `max_header_bytes` limits the names and values of a head, and 32 bytes for each field (RFC 9113, section
  // 10.5.1). `events` must outlive the session.
  Http2Session(size_t max_header_bytes, Events& events);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Reads bytes of the client, the preface first. kMalformedRequest: the connection has to be closed once
  // what Send returns was sent.
  Status Receive(std::string_view bytes);
  // Appends frames to `out` until it has at least `enough` bytes or nothing is left to send now.
  void Send(size_t enough, std::string* out);

  // Answers a request, once for each stream. With `has_body`, ReadBody is asked for the body. What the client
  // still sends of its request is ignored, and the stream is reset after the response.
  void Respond(int32_t stream, int status, const std::vector<std::pair<std::string, std::string>>& fields,
               bool has_body);
  // Sends the interim response 100 (Continue).
  void Continue(int32_t stream);
  // ReadBody is asked again after it has returned kLater.
  void ResumeBody(int32_t stream);
  // Ends a stream without (the rest of) its response.
  void Reset(int32_t stream);
  // Tells the client that streams which it opens from now on are ignored. `misbehaving`: because of what it
  // has sent.
  void GoAway(bool misbehaving);

  // Frames that wait for Send, besides those with bodies.
  size_t queued_frames() const;
  // Whether the connection can be closed: neither side has anything to send.
  bool finished() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace trine::net
