// Reads the body of POST /_trine/ask, and finds the index that a request names.
#pragma once

#include <string>

#include "api/native/answer_json.h"
#include "api/native/body_reader.h"
#include "api/native/dependencies.h"
#include "base/result.h"
#include "format/json.h"
#include "formation/ask.h"
#include "net/http.h"

namespace trine::api::native {

struct AskRequest {
  formation::AskCall call;
  AnswerView view;      // the part of the answer that the caller may see
  bool stream = false;  // as server-sent events
};
// The index, campaign and filter are resolved; only the observer of the call is not set. Every mistake of the
// caller is an error.
Result<AskRequest> ReadAskRequest(const Dependencies& deps, const net::Request& request,
                                  const format::Json& json);

// Returns the index that a request names. kForbidden if the caller's credentials are limited to other
// indexes.
Result<catalogue::CollectionPtr> ResolveIndex(const Dependencies& deps, const net::Request& request,
                                              const std::string& index);

// Reads the member "language": "ko", "en", or "auto", also if it is missing.
std::string LanguageOf(BodyReader* body);

}  // namespace trine::api::native
