// The head of a response: status line and header fields of HTTP/1.x, the fields of HTTP/2. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace trine::net {

std::string_view ReasonPhrase(int status);  // "OK" for 200; "Status" if unknown
// Returns false for 1xx, 204 and 304, which have neither a body nor a Content-Length.
bool MayHaveBody(int status);

struct ResponseFraming {
  int http_version = 11;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<uint64_t> content_length;  // written unless chunked
};

// The status line, the fields of `response`, the framing fields and the empty line. Only the server sets
// Connection, Keep-Alive, Content-Length and Transfer-Encoding: those in `response` are dropped, and so is a
// field with CR, LF or NUL or with an invalid name.
std::string ResponseHead(const Response& response, const ResponseFraming& framing);

// The fields of a response over HTTP/2, with lower-case names. The same fields are dropped as by
// ResponseHead.
std::vector<std::pair<std::string, std::string>> ResponseFields(const Response& response,
                                                                std::optional<uint64_t> content_length);

}  // namespace trine::net
