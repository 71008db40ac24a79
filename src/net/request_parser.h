// RequestParser: reads the requests of one HTTP/1.x connection from its bytes, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace trine::net {

// Incremental; owned and fed by a connection. Sets method, target, path, query, headers, body and
// http_version of a Request; the connection sets the other members. Not thread-safe.
class RequestParser {
 public:
  struct Limits {
    size_t max_header_bytes;  // start line and header fields; also one chunk header or the trailer
    size_t max_body_bytes;    // after chunked decoding, before decompression
  };
  enum class Step {
    kMore,    // needs more bytes
    kHead,    // the head is complete; call Parse again for the body
    kDone,    // the request is complete; call Reset() before the next one
    kFailed,  // see failure_status() and failure(); nothing more can be read from this connection
  };

  explicit RequestParser(Limits limits);
  ~RequestParser();

  // Parses `bytes` until one of the steps is reached, and returns it. Sets `consumed` to the number of bytes
  // used. The next call must pass the unused bytes again, followed by new ones.
  Step Parse(std::string_view bytes, size_t* consumed);
  // Lowers this request's body limit. Requires a complete head. Returns false, and fails with 413, if the
  // Content-Length exceeds the limit.
  bool LimitBody(size_t most);
  void Reset();

  Request& request();
  bool started() const;    // at least one byte of the request was seen
  bool head_done() const;  // the head is complete
  bool done() const;       // the whole request is complete
  // Properties of the head: false or nullopt until it is complete.
  bool keep_alive() const;
  bool expects_continue() const;
  std::optional<uint64_t> content_length() const;  // nullopt if there is none (no body, or chunked)

  int failure_status() const;  // 400, 413, 417, 431, 501 or 505
  const Error& failure() const;

 private:
  class Message;
  Step FailHeaderTooLarge();
  const Limits limits_;
  std::unique_ptr<Message> message_;
};

// The parts that requests of HTTP/2 share.

Error HeaderTooLarge(size_t most_bytes);
Error BodyTooLarge(size_t most_bytes);
// Returns an error unless `value`, the value of an Expect field, is 100-continue.
Status CheckExpectation(std::string_view value);
// Appends a piece to a body of which `expected` bytes are expected in total, or at most that many if the size
// is unknown.
void AppendBody(std::string_view piece, uint64_t expected, std::string* body);
// Fills path and query from `request->target`: origin form, absolute form ("http://host/path") or "*".
// kInvalid for any other form.
Status SplitTarget(Request* request);

}  // namespace trine::net
