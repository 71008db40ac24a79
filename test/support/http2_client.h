// Http2Client: a client of HTTP/2 with prior knowledge over one connection, with which a test controls the
// flow of each stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "test/support/raw_client.h"

namespace trine::test {

// What has arrived on one stream.
struct Http2Response {
  int status = 0;        // 0: no response has begun
  bool interim = false;  // a response 100 (Continue) came first
  std::map<std::string, std::string> headers;
  std::string body;
  bool complete = false;               // the server has ended the response
  std::optional<uint32_t> reset_code;  // the server has reset the stream: an error code of RFC 9113
};

// Not thread-safe. Every wait ends after ten seconds, so that a hanging server fails the test.
class Http2Client {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Without `reads_bodies`, the client leaves the windows of its streams closed once they are full.
  explicit Http2Client(RawClient connection, bool reads_bodies = true);
  ~Http2Client();

  // Opens a stream and returns its id. With `ends` false, the body goes on with Continue.
  int32_t Send(const std::string& method, const std::string& path, const Fields& fields = {},
               const std::string& body = "", bool ends = true);
  void Continue(int32_t stream, const std::string& piece, bool ends);
  void Reset(int32_t stream);
  // Gives the server room for `bytes` more of the stream's body, and of all bodies.
  void OpenWindow(int32_t stream, int32_t bytes);
  // Sends bytes past the session.
  bool SendRaw(std::string_view bytes) { return connection_.Send(bytes); }

  // Reads until the stream has ended, and returns what has arrived.
  Http2Response Wait(int32_t stream);
  // Reads until at least `bytes` of the stream's body have arrived, or the stream has ended.
  Http2Response WaitForBody(int32_t stream, size_t bytes);
  // Opens a stream and waits for its end.
  Http2Response Ask(const std::string& method, const std::string& path, const Fields& fields = {},
                    const std::string& body = "");
  // Reads until the server has closed the connection. Returns the error code of its GOAWAY; nullopt if there
  // was none, or the connection is still open.
  std::optional<uint32_t> WaitForEnd();

 private:
  class Session;
  bool ReadMore();  // false: the connection has ended
  void Flush();

  RawClient connection_;
  std::unique_ptr<Session> session_;
};

}  // namespace trine::test
