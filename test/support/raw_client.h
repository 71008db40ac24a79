// RawClient: a TCP connection on which a test controls exactly which bytes are sent and when.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace trine::test {

struct RawResponse {
  int status = 0;
  std::string head;                            // status line and fields as received
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;                            // after chunked decoding
  bool complete = false;                       // false: the connection ended within the response
};

// Connects to 127.0.0.1. Every read times out after ten seconds, so that a server that hangs fails the test.
// Not thread-safe.
class RawClient {
 public:
  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool Send(std::string_view bytes);  // false when the peer has closed the connection
  void EndOutput();                   // shutdown(SHUT_WR)
  void Reset();                       // closes with RST
  // Reads one response, without a body when `head` (the answer to a HEAD request). Interim responses (1xx)
  // are returned too.
  RawResponse Read(bool head = false);
  // Sends a whole request and reads its answer.
  RawResponse Ask(std::string_view request, bool head = false);
  // Reads until the peer closes the connection; nullopt when it does not within ten seconds.
  std::optional<std::string> ReadToEnd();
  // Whether data or the end of the connection can be read within `millis`.
  bool Readable(int millis);

 private:
  bool Fill();  // one more read into buffer_
  std::optional<std::string> TakeLine();
  bool Take(size_t n, std::string* out);
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace trine::test
