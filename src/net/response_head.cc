#include "net/response_head.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace trine::net {
namespace {

constexpr std::pair<int, std::string_view> kReasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {424, "Failed Dependency"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

constexpr std::string_view kFramingFields[] = {"connection", "content-length", "transfer-encoding",
                                               "keep-alive"};

bool IsFraming(std::string_view name) {
  return std::ranges::any_of(kFramingFields,
                             [&](std::string_view field) { return EqualsIgnoreCase(name, field); });
}

bool StaysInLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// Whether a field of a response may be sent.
bool MayBeSent(std::string_view name, std::string_view value) {
  return !IsFraming(name) && !name.empty() && StaysInLine(name) && StaysInLine(value) &&
         name.find(':') == std::string_view::npos;
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  const auto* found =
      std::ranges::lower_bound(kReasons, status, {}, &std::pair<int, std::string_view>::first);
  return found != std::end(kReasons) && found->first == status ? found->second : "Status";
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string ResponseHead(const Response& response, const ResponseFraming& framing) {
  std::string head;
  head.reserve(256);
  head += framing.http_version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += ReasonPhrase(response.status);
  head += "\r\n";
  for (const auto& [name, value] : response.headers.fields()) {
    if (!MayBeSent(name, value)) continue;
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (framing.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (framing.content_length) {
    head.append("Content-Length: ").append(std::to_string(*framing.content_length)).append("\r\n");
  }
  if (!framing.keep_alive) {
    head += "Connection: close\r\n";
  } else if (framing.http_version == 10) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

std::vector<std::pair<std::string, std::string>> ResponseFields(const Response& response,
                                                                std::optional<uint64_t> content_length) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : response.headers.fields()) {
    if (MayBeSent(name, value)) fields.emplace_back(ToLowerAscii(name), value);
  }
  if (content_length) fields.emplace_back("content-length", std::to_string(*content_length));
  return fields;
}

}  // namespace trine::net
