// Errors of providers: the text of an error body in any of their formats, its code, and its removal of
// secrets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/json.h"
#include "net/client.h"

namespace trine::remote::llm {

// Returns the type and the message of an error as one text, "rate_limit_error: slow down". Knows the formats
// of OpenAI, vLLM, llama.cpp, Anthropic, FastAPI and AWS. Empty if there is none. Untrusted.
std::string ErrorText(const format::Json& body);
// The same for the body of a response, with the type in the header x-amzn-errortype. A body that is not JSON
// is returned as it is if it is plain text, which HTML is not.
std::string ErrorText(const net::ClientResponse& response);

// The error that a provider reports inside an answer with status 200: kBusy, kInvalid or kUnavailable by the
// words of its type.
Error StreamError(const std::string& text);

// Reads the header fields retry-after-ms and retry-after (RFC 9110, section 10.2.3: seconds, or a date in the
// form "Sun, 06 Nov 1994 08:49:37 GMT") and returns milliseconds from `now`; nullopt if there is none that
// can be read.
std::optional<int64_t> RetryAfterMillis(const net::Headers& headers, Millis now);

// Makes text of a provider fit to be shown and logged: one line of printable text, at most kMaxBytes, without
// any piece of a secret of 8 bytes or more. Thread-safe.
class Redactor {
 public:
  static constexpr size_t kMaxBytes = 300;  // enough for a reason
  // Empty secrets are ignored.
  explicit Redactor(std::vector<std::string> secrets);
  std::string Clean(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace trine::remote::llm
