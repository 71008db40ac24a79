// Errors as the native API returns them.
#pragma once

#include "base/result.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::native {

// {"error": {"kind", "message", "expected", "got", "where"}}.
format::Json ErrorJson(const Error& error);
// The same as a response. If `status` is 0, the error's kind determines the status; the HTTP server passes a
// status for requests that it rejects.
net::Response ErrorResponse(const Error& error, int status = 0);

}  // namespace trine::api::native
