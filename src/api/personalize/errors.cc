// Errors of ours in the shape that the service's clients read.
#include "api/personalize/api.h"

namespace trine::api::personalize {
namespace {

struct AwsError {
  int status;
  const char* type;
};

AwsError OfCredentialsError(const Error& error) {
  if (error.code == "missing_credentials") return {403, "MissingAuthenticationTokenException"};
  if (error.code == "unknown_key" || error.code == "unknown_token" || error.code == "wrong_password")
    return {403, "UnrecognizedClientException"};
  return {403, "InvalidSignatureException"};
}

AwsError OfInvalid(const Error& error) {
  if (error.code == "json" || error.code == "serialization") return {400, "SerializationException"};
  if (error.code == "validation") return {400, "ValidationException"};
  if (error.code == "unknown_operation") return {400, "UnknownOperationException"};
  if (error.code == "next_token") return {400, "InvalidNextTokenException"};
  return {400, "InvalidInputException"};
}

// Our kinds in this service's names. Everything the caller can mend is 400.
AwsError AwsErrorOf(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kUnsupported:
    case ErrorKind::kConflict:
      return OfInvalid(error);
    case ErrorKind::kNotFound:
      return {400, "ResourceNotFoundException"};
    case ErrorKind::kExists:
      return {400, "ResourceAlreadyExistsException"};
    case ErrorKind::kInUse:
      return {400, "ResourceInUseException"};
    case ErrorKind::kLimit:
      if (error.code == "json_depth" || error.code == "json_bytes") return {400, "SerializationException"};
      if (error.code == "too_many_tags") return {400, "TooManyTagsException"};
      return {400, "LimitExceededException"};
    case ErrorKind::kBusy:
      return {429, "ThrottlingException"};
    case ErrorKind::kUnauthenticated:
      return OfCredentialsError(error);
    case ErrorKind::kForbidden:
      return {403, "AccessDeniedException"};
    case ErrorKind::kTimeout:
    case ErrorKind::kUnavailable:
      return {503, "ServiceUnavailableException"};
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      break;
  }
  return {500, "InternalServerException"};
}

}  // namespace

net::Response ErrorResponse(const Error& error, const std::string& request_id, int status) {
  AwsError aws = AwsErrorOf(error);
  if (status == 413 || status == 431) aws.type = "ValidationException";
  if (status != 0) aws.status = status;
  format::Json body;
  body.Set("__type", aws.type);
  body.Set("message", error.ToString());
  auto response = net::Response::JsonText(aws.status, format::ToString(body), "application/x-amz-json-1.1");
  response.headers.Set("x-amzn-errortype", aws.type);
  response.headers.Set("x-amzn-requestid", request_id);
  return response;
}

}  // namespace trine::api::personalize
