// Responses on the wire: status line and header fields of HTTP/1.x.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace trine::net {

std::string_view ReasonPhrase(int status);  // "OK"; "Status" for an unknown one
// 1xx, 204 and 304 have neither a body nor a Content-Length.
bool MayHaveBody(int status);

struct ResponseFraming {
  int http_version = 11;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<uint64_t> content_length;  // written unless chunked
};

// Status line, the response's own fields and the framing ones, with the empty line. Connection,
// Content-Length and Transfer-Encoding are the server's and dropped from `response`; so is a field
// whose name or value would break out of its line (CR, LF, NUL).
std::string ResponseHead(const Response& response, const ResponseFraming& framing);

}  // namespace trine::net
