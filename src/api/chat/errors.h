// Errors in the shapes of the two APIs that this floor serves: OpenAI's and Anthropic's.
#pragma once

#include <string>

#include "base/result.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::chat {

enum class Wire { kOpenAi, kAnthropic };

// The API that a request speaks: Anthropic's for /v1/messages and for requests with the header
// anthropic-version, otherwise OpenAI's.
Wire WireOf(const net::Request& head);

// {"error": {"message", "type", "param", "code"}} or {"type": "error", "error": {"type", "message"},
// "request_id"}. The text of a failure of this server is left out: a stream may not show it.
format::Json ErrorBody(Wire wire, const Error& error, const std::string& request_id);

// If `status` is 0, the error's kind determines the status; the HTTP server passes a status for requests that
// it rejects. Answers 429 and 503 have the header retry-after.
net::Response ErrorResponse(Wire wire, const Error& error, const std::string& request_id, int status = 0);

}  // namespace trine::api::chat
