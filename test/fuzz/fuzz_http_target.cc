// Fuzzes the parsers that untrusted bytes reach first: the HTTP request parser, the request target, path
// parts, query parameters, and the Authorization header of SigV4. Byte 0 sets the size of the pieces in which
// the rest is parsed; it must not change the result.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/request_parser.h"
#include "net/sigv4.h"

namespace {

using trine::net::Request;
using trine::net::RequestParser;

constexpr RequestParser::Limits kLimits{.max_header_bytes = 4096, .max_body_bytes = 4096};

struct Outcome {
  RequestParser::Step step = RequestParser::Step::kMore;
  Request request;
};

// Parses the first request of `bytes` in pieces of `piece` bytes.
Outcome ReadFirst(std::string_view bytes, size_t piece) {
  RequestParser parser(kLimits);
  Outcome outcome;
  size_t begin = 0;
  for (size_t end = 0; end < bytes.size();) {
    end = std::min(bytes.size(), end + piece);
    do {
      size_t consumed = 0;
      outcome.step = parser.Parse(bytes.substr(begin, end - begin), &consumed);
      if (consumed > end - begin) std::abort();
      begin += consumed;
    } while (outcome.step == RequestParser::Step::kHead);
    if (outcome.step != RequestParser::Step::kMore) break;
  }
  outcome.request = parser.request();
  return outcome;
}

void UseRequest(const Request& request) {
  if (request.body.size() > kLimits.max_body_bytes) std::abort();
  if (const auto parts = request.PathSegments(); parts.ok()) {
    for (const std::string& part : *parts) {
      if (part.find('\0') != std::string::npos) std::abort();
    }
  }
  static_cast<void>(request.QueryParameters().ok());
  if (const auto claim = trine::net::ParseSignature(request); claim.ok() && *claim) {
    // A signature cannot be valid without the secret.
    const std::string_view services[] = {"es"};
    if (trine::net::VerifySignature(request, **claim, "a secret", {"", services},
                                    trine::Millis{1'440'938'160'000})
            .ok())
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = ReadFirst(bytes, std::max<size_t>(bytes.size(), 1));
  const Outcome pieces = ReadFirst(bytes, size_t{1} + data[0] % 16);
  if (whole.step == RequestParser::Step::kDone) {
    UseRequest(whole.request);
    if (pieces.step != whole.step || pieces.request.body != whole.request.body ||
        pieces.request.target != whole.request.target ||
        pieces.request.headers.fields() != whole.request.headers.fields()) {
      std::abort();
    }
  }
  Request request;
  request.target = std::string(bytes);
  if (trine::net::SplitTarget(&request).ok()) UseRequest(request);
  return 0;
}
