// RawClient: a TCP connection with which a test controls exactly which bytes are sent, and when.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace trine::test {

struct RawResponse {
  int status = 0;
  std::string head;                            // status line and header fields as received
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;                            // after chunked decoding
  bool complete = false;                       // false: the connection ended before the response did
};

// Connects to 127.0.0.1. Every read times out after ten seconds, so that a hanging server fails the test. Not
// thread-safe.
class RawClient {
 public:
  // `from`: the loopback address of this end, so that a test can be several peers.
  explicit RawClient(uint16_t port, const char* from = "127.0.0.1");
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool Send(std::string_view bytes);  // false if the peer has closed the connection
  void EndOutput();                   // shutdown(SHUT_WR)
  void Reset();                       // closes with RST
  // Reads one response; with `head` (for a HEAD request), one without a body. Interim responses (1xx) are
  // returned too.
  RawResponse Read(bool head = false);
  // Sends a whole request and reads the response.
  RawResponse Ask(std::string_view request, bool head = false);
  // Reads until the peer closes the connection; nullopt if nothing arrives for ten seconds.
  std::optional<std::string> ReadToEnd();
  // Returns true if data, or the end of the connection, can be read within `millis`.
  bool Readable(int millis);

 private:
  bool Fill();  // one more read into buffer_
  std::optional<std::string> TakeLine();
  bool Take(size_t n, std::string* out);
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace trine::test
