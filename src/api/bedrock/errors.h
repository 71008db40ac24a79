// Errors as Bedrock clients expect them: in responses, and as events of a stream.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::bedrock {

// A violated constraint of a request: kShapeValidation, a ValidationException.
Error Invalid(std::string message, std::string where);

// A response with __type, x-amzn-errortype and a message. If `status` is 0, the error determines the status;
// the HTTP server passes a status for requests that it rejects.
net::Response ErrorResponse(const Error& error, const std::string& request_id, int status = 0);

// An error that ends a stream: the name of the exception in the stream's union of events, and its payload.
// The text of a failure of this program is not included, because the response has already begun and nothing
// hides the paths in it.
struct StreamException {
  std::string type;  // "throttlingException"
  format::Json payload;
};
// `knows_timeout`: the stream has a modelTimeoutException, as that of InvokeModelWithResponseStream does and
// that of ConverseStream does not; otherwise a timeout is a modelStreamErrorException with status 408.
StreamException StreamExceptionOf(const Error& error, bool knows_timeout);

}  // namespace trine::api::bedrock
