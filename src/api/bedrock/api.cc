#include "api/bedrock/api.h"

#include <string_view>

#include "api/bedrock/bodies.h"

namespace trine::api::bedrock {
namespace {

constexpr size_t kMaxModelIdBytes = 2048;

struct AwsError {
  int status;
  const char* type;
};

// Our kinds in this service's names.
AwsError AwsErrorOf(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kExists:
    case ErrorKind::kConflict:
    case ErrorKind::kLimit:
    case ErrorKind::kUnsupported:
      return {400, error.code == "json" ? "SerializationException" : "ValidationException"};
    case ErrorKind::kNotFound:
      return {404, "ResourceNotFoundException"};
    case ErrorKind::kInUse:
    case ErrorKind::kBusy:
      return {429, "ThrottlingException"};
    case ErrorKind::kUnauthenticated:
      return {403,
              error.code == "missing_credentials" ? "MissingAuthenticationTokenException"
              : error.code == "unknown_key" || error.code == "unknown_token" || error.code == "wrong_password"
                  ? "UnrecognizedClientException"
                  : "InvalidSignatureException"};
    case ErrorKind::kForbidden:
      return {403, "AccessDeniedException"};
    case ErrorKind::kTimeout:
      return {408, "ModelTimeoutException"};
    case ErrorKind::kUnavailable:
      return {503, "ServiceUnavailableException"};
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      break;
  }
  return {500, "InternalServerException"};
}

std::string WithoutDashes(const std::string& request_id) {
  std::string out;
  for (char c : request_id) {
    if (c != '-') out += c;
  }
  return out;
}

class Handlers {
 public:
  explicit Handlers(const Dependencies& deps) : deps_(deps) {}

  Result<net::Response> Invoke(const net::Request& request) {
    TRINE_ASSIGN(const auto parts, request.PathSegments());
    if (parts.size() != 3 || parts[1].empty() || parts[1].size() > kMaxModelIdBytes)
      return Error(ErrorKind::kNotFound, "there is no such operation").Where(request.path);
    const std::string& model_id = parts[1];
    const std::string& operation = parts[2];
    if (operation != "invoke") {
      const bool known = operation == "converse" || operation == "converse-stream" ||
                         operation == "invoke-with-response-stream" || operation == "count-tokens";
      return Error(known ? ErrorKind::kUnsupported : ErrorKind::kNotFound,
                   "operation \"" + operation + "\" is not served; InvokeModel is")
          .Where(request.path);
    }
    if (request.method != "POST")
      return Error(ErrorKind::kInvalid, "InvokeModel is a POST").Got(request.method);
    TRINE_ASSIGN(const format::Json body, format::ParseJson(request.body));
    switch (FamilyOf(model_id)) {
      case Family::kAnthropicMessages:
        return Chat(body, request);
      case Family::kTitanEmbed:
        return Embed(body, model_id, request);
      case Family::kUnknown:
        break;
    }
    return Error(ErrorKind::kInvalid, "The provided model identifier is invalid.")
        .Code("validation")
        .Expected("an anthropic.claude or amazon.titan-embed-text model")
        .Got(model_id);
  }

 private:
  Result<net::Response> Chat(const format::Json& body, const net::Request& request) {
    TRINE_ASSIGN(const auto chat, ParseAnthropic(body));
    const int64_t start = deps_.clock.MonotonicNanos();
    TRINE_ASSIGN(const auto answer, deps_.model.Complete(chat, request.deadline));
    auto response =
        Answer(format::ToString(PrintAnthropic(answer, WithoutDashes(request.id))), request, start);
    response.headers.Set("x-amzn-bedrock-input-token-count", std::to_string(answer.input_tokens));
    response.headers.Set("x-amzn-bedrock-output-token-count", std::to_string(answer.output_tokens));
    return response;
  }

  Result<net::Response> Embed(const format::Json& body, const std::string& model_id,
                              const net::Request& request) {
    TRINE_ASSIGN(const auto embed, ParseTitanEmbed(body, model_id));
    const int64_t start = deps_.clock.MonotonicNanos();
    const auto embedder = deps_.embedder();
    auto response = Answer(PrintTitanEmbed(embed, *embedder), request, start);
    response.headers.Set("x-amzn-bedrock-input-token-count",
                         std::to_string(language::CountTokens(embed.text)));
    // Vectors of different versions do not compare; a client may check.
    response.headers.Set("x-trine-embedder", embedder->name() + "/" + embedder->version());
    return response;
  }

  net::Response Answer(std::string json, const net::Request& request, int64_t start_nanos) const {
    auto response = net::Response::JsonText(200, std::move(json), "application/json");
    response.headers.Set("x-amzn-requestid", request.id);
    response.headers.Set("x-amzn-bedrock-invocation-latency",
                         std::to_string((deps_.clock.MonotonicNanos() - start_nanos) / 1'000'000));
    for (const char* echoed : {"x-amzn-bedrock-performanceconfig-latency", "x-amzn-bedrock-service-tier"}) {
      if (const std::string* value = request.headers.Find(echoed); value != nullptr)
        response.headers.Set(echoed, *value);
    }
    return response;
  }

  const Dependencies& deps_;
};

}  // namespace

Api::Api(Dependencies deps) : deps_(std::move(deps)) {}

bool Api::Owns(const net::Request& head) const { return head.path.starts_with("/model/"); }

net::Response Api::Handle(const net::Request& request) const {
  auto answer = Handlers(deps_).Invoke(request);
  if (!answer.ok()) return ErrorResponse(answer.error(), request.id);
  return *std::move(answer);
}

net::Response ErrorResponse(const Error& error, const std::string& request_id, int status) {
  AwsError aws = AwsErrorOf(error);
  if (status == 413 || status == 431) aws.type = "ValidationException";
  if (status != 0) aws.status = status;
  format::Json body;
  body.Set("__type", aws.type);
  body.Set("message", error.message);
  auto response = net::Response::JsonText(aws.status, format::ToString(body), "application/json");
  response.headers.Set("x-amzn-errortype", aws.type);
  response.headers.Set("x-amzn-requestid", request_id);
  return response;
}

}  // namespace trine::api::bedrock
