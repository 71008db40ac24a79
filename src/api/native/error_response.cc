#include "api/native/error_response.h"

#include "base/check.h"

namespace trine::api::native {
namespace {

using format::Json;

// The status depends only on the error's kind, because answers of the native API contain the kind and not
// the code.
int StatusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kLimit:
    case ErrorKind::kUnsupported:
      return 400;
    case ErrorKind::kUnauthenticated:
      return 401;
    case ErrorKind::kForbidden:
      return 403;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kTimeout:
      return 408;
    case ErrorKind::kExists:
    case ErrorKind::kConflict:
    case ErrorKind::kInUse:
      return 409;
    case ErrorKind::kBusy:
      return 429;
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
    case ErrorKind::kFormatVersion:
      return 500;
    case ErrorKind::kUnavailable:
      return 503;
  }
  FailCheck(__FILE__, __LINE__, "an error kind outside its enumeration");
}

// A write that the store refuses now may be tried again.
ErrorKind KindToTell(const Error& error) {
  const bool refused = !error.DetailOf("blocked").empty() || error.code == ErrorCode::kNoSpace;
  return refused ? ErrorKind::kUnavailable : error.kind();
}

}  // namespace

Json ErrorJson(const Error& error) {
  Json body, inner;
  inner.Set("kind", Name(KindToTell(error)));
  inner.Set("message", error.message);
  inner.Set("expected", error.expected.empty() ? Json() : Json(error.expected));
  inner.Set("got", error.got.empty() ? Json() : Json(error.got));
  inner.Set("where", error.where.empty() ? Json() : Json(error.where));
  body.Set("error", std::move(inner));
  return body;
}

net::Response ErrorResponse(const Error& error, int status) {
  if (status == 0) status = StatusOf(KindToTell(error));
  TRINE_DCHECK_GE(status, 400);
  return net::Response::JsonText(status, format::ToString(ErrorJson(error)));
}

}  // namespace trine::api::native
