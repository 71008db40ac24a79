#include "api/chat/errors.h"

#include <string_view>
#include <utility>

namespace trine::api::chat {
namespace {

using format::Json;

constexpr const char* kRetryAfterSeconds = "2";

struct Row {
  int status;
  const char* openai_type;
  const char* openai_code;  // nullptr: null
  const char* anthropic_type;
};

Row RowOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kLimit:
    case ErrorKind::kUnsupported:
    case ErrorKind::kExists:
    case ErrorKind::kConflict:
      return {400, "invalid_request_error", nullptr, "invalid_request_error"};
    case ErrorKind::kUnauthenticated:
      return {401, "invalid_request_error", "invalid_api_key", "authentication_error"};
    case ErrorKind::kForbidden:
      return {403, "permission_error", nullptr, "permission_error"};
    case ErrorKind::kNotFound:
      return {404, "invalid_request_error", "model_not_found", "not_found_error"};
    case ErrorKind::kInUse:
    case ErrorKind::kBusy:
      return {429, "requests", "rate_limit_exceeded", "rate_limit_error"};
    case ErrorKind::kTimeout:
      return {504, "server_error", "timeout", "timeout_error"};
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
    case ErrorKind::kFormatVersion:
      return {500, "server_error", nullptr, "api_error"};
    case ErrorKind::kUnavailable:
      return {503, "server_error", nullptr, "api_error"};
  }
  FailCheck(__FILE__, __LINE__, "an error kind outside its enumeration");
}

std::string MessageOf(const Error& error) {
  if (IsServerFailure(error.kind())) return "the server failed to answer; its log has the reason";
  std::string text = error.message;
  if (!error.expected.empty()) text += ": expected " + error.expected;
  if (!error.got.empty()) text += ", got " + error.got;
  return text;
}

}  // namespace

Wire WireOf(const net::Request& head) {
  const bool anthropic = head.path == "/v1/messages" || head.path.starts_with("/v1/messages/") ||
                         head.headers.Find("anthropic-version") != nullptr;
  return anthropic ? Wire::kAnthropic : Wire::kOpenAi;
}

Json ErrorBody(Wire wire, const Error& error, const std::string& request_id) {
  const Row row = RowOf(error.kind());
  Json inner, body;
  if (wire == Wire::kAnthropic) {
    const bool large = error.code == ErrorCode::kBodyTooLarge;
    inner.Set("type", large ? "request_too_large" : row.anthropic_type);
    std::string text = MessageOf(error);
    if (!error.where.empty() && !IsServerFailure(error.kind())) text = error.where + ": " + text;
    inner.Set("message", std::move(text));
    body.Set("type", "error");
    body.Set("error", std::move(inner));
    body.Set("request_id", request_id);
    return body;
  }
  inner.Set("message", MessageOf(error));
  inner.Set("type", row.openai_type);
  const bool has_param = !error.where.empty() && row.status == 400;
  inner.Set("param", has_param ? Json(error.where) : Json());
  inner.Set("code", row.openai_code != nullptr ? Json(row.openai_code) : Json());
  body.Set("error", std::move(inner));
  return body;
}

net::Response ErrorResponse(Wire wire, const Error& error, const std::string& request_id, int status) {
  if (status == 0) status = error.code == ErrorCode::kBodyTooLarge ? 413 : RowOf(error.kind()).status;
  TRINE_CHECK_GE(status, 400);
  TRINE_CHECK_LT(status, 600);
  net::Response response = net::Response::JsonText(
      status, format::ToString(ErrorBody(wire, error, request_id)), "application/json");
  response.headers.Set("x-request-id", request_id);
  if (wire == Wire::kAnthropic) response.headers.Set("request-id", request_id);
  if (status == 429 || status == 503) response.headers.Set("retry-after", kRetryAfterSeconds);
  return response;
}

}  // namespace trine::api::chat
