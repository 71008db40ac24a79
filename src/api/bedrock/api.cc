#include "api/bedrock/api.h"

#include <atomic>
#include <string_view>

#include "api/bedrock/bodies.h"

namespace trine::api::bedrock {
namespace {

constexpr size_t kMaxModelIdBytes = 2048;

struct AwsError {
  int status;
  const char* type;
};

// Returns an error's status and exception name.
// clang-format off
AwsError AwsErrorOf(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case kJsonSyntax: case kInvalid: case kExists: case kConflict: case kLimit: case kUnsupported: case kJsonDepth:
    case kJsonBytes: case kJsonValues: case kMalformedRequest: case kBodyTooLarge:
    case kHeaderTooLarge: case kContentEncoding: case kTooLittleData: case kCollectionExists:
    case kCollectionName: case kCollectionLimit: case kAliasName: case kAliasNameTaken:
    case kCollectionNameTaken: case kManyWriteCollections: case kNoWriteCollection:
    case kMappingConflict: case kMappingDepth: case kStrictMapping: case kFieldParse:
    case kFieldName: case kObjectField: case kNotAnObject: case kDateFormat:
    case kMappingFieldLimit: case kNormalizerNotFound: case kVersionConflict: case kDocumentExists:
    case kDocumentId: case kAnswerTooLarge: case kTermTooLong: case kSchemaSyntax: case kCellValue:
    case kBadRow: case kMissingColumn: case kRejectLimit: case kNumberSyntax: case kNumberRange:
    case kNumberNotFinite: case kBooleanSyntax: case kValueType: case kVectorElement:
    case kInvalidQuery: case kFieldType: case kDateSyntax: case kQueryBoost: case kTooManyClauses:
    case kTooManyTerms: case kResultWindow: case kSearchAfter: case kZeroVector:
    case kVectorDimension: case kHybridQuery: case kUnmappedSortField: case kUnsortableField:
    case kFusion: case kFusionPage: case kUnknownPipeline: case kMissingUserId:
    case kMissingItemIds: case kMissingUser: case kMissingItem: case kRecipeKind:
    case kHyperparameter: case kFilterValue: case kUsage: case kIllegalArgument:
    case kRequestValidation: case kRequestSyntax: case kDefinitionSyntax: case kMappingSyntax:
    case kUnknownSection: case kUnknownSortColumn: case kAnalysisState: case kProcessorProperty:
    case kQuerySyntax: case kUnknownQuery: case kNestedHybrid: case kPaginationDepth:
    case kShapeValidation: case kSerialization: case kUnknownOperation: case kNextToken:
    case kTooManyTags: case kFilterSyntax: return {400, "ValidationException"};
    case kMissingCredentials: return {403, "MissingAuthenticationTokenException"};
    case kUnknownCredentials: case kUnknownAccessKey: return {403, "UnrecognizedClientException"};
    case kUnauthenticated: case kIncompleteSignature: case kSignatureMismatch: case kClockSkew:
      return {403, "InvalidSignatureException"};
    case kForbidden: return {403, "AccessDeniedException"};
    case kNotFound: case kCollectionNotFound: case kAliasRequired: case kDocumentMissing:
    case kPipelineNotFound: case kCampaignNotFound: return {404, "ResourceNotFoundException"};
    case kTimeout: case kStopped: return {408, "ModelTimeoutException"};
    case kInUse: case kBusy: case kQueueFull: case kNotActive: return {429, "ThrottlingException"};
    case kCorrupt: case kIo: case kInternal: case kFormatVersion:
      return {500, "InternalServerException"};
    case kUnavailable: case kNoSpace: case kStageSkipped: return {503, "ServiceUnavailableException"};
  }
  FailCheck(__FILE__, __LINE__, "an error code outside its enumeration");
}
// clang-format on

std::string WithoutDashes(const std::string& request_id) {
  std::string out;
  for (char c : request_id) {
    if (c != '-') out += c;
  }
  return out;
}

class Handlers {
 public:
  // `trained`: nullptr if the request has not waited for the embedder, else whether its training has ended.
  Handlers(const Dependencies& deps, std::shared_ptr<const std::atomic<bool>> trained)
      : deps_(deps), trained_(std::move(trained)) {}
  // Set if the request must wait first: the answer then has no meaning.
  bool must_wait = false;

  Result<net::Response> Invoke(const net::Request& request) {
    TRINE_ASSIGN(const auto parts, request.PathSegments());
    if (parts.size() != 3 || parts[1].empty() || parts[1].size() > kMaxModelIdBytes)
      return Error(ErrorCode::kNotFound, "unknown operation").Where(request.path);
    const std::string& model_id = parts[1];
    const std::string& operation = parts[2];
    if (operation != "invoke") {
      const bool known = operation == "converse" || operation == "converse-stream" ||
                         operation == "invoke-with-response-stream" || operation == "count-tokens";
      return Error(known ? ErrorCode::kUnsupported : ErrorCode::kNotFound,
                   "operation \"" + operation + "\" is not supported; only InvokeModel is")
          .Where(request.path);
    }
    if (request.method != "POST")
      return Error(ErrorCode::kInvalid, "wrong method for InvokeModel: expected POST").Got(request.method);
    auto parsed = format::ParseJson(request.body);
    if (!parsed.ok() && parsed.error().code == ErrorCode::kJsonSyntax)
      return Error(
                 ErrorCode::kJsonSyntax,
                 "Malformed input request, please reformat your input and try again. The body is not JSON: " +
                     parsed.error().message)
          .Where(parsed.error().where);
    if (!parsed.ok()) return std::move(parsed).error();
    const format::Json body = *std::move(parsed);
    switch (FamilyOf(model_id)) {
      case Family::kAnthropicMessages:
        return Chat(body, request);
      case Family::kTitanEmbed:
        return Embed(body, model_id, request);
      case Family::kUnknown:
        break;
    }
    return Error(ErrorCode::kShapeValidation, "The provided model identifier is invalid.")
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
    if ((!trained_ || !*trained_) && deps_.must_train && deps_.must_train()) {
      if (trained_) return Error(ErrorCode::kTimeout, "the embedder is still being trained; try again");
      must_wait = true;
      return net::Response();
    }
    const int64_t start = deps_.clock.MonotonicNanos();
    TRINE_ASSIGN(const std::shared_ptr<const language::Embedder> embedder, deps_.embedder());
    auto response = Answer(PrintTitanEmbed(embed, *embedder), request, start);
    response.headers.Set("x-amzn-bedrock-input-token-count",
                         std::to_string(language::CountTokens(embed.text)));
    // Vectors of different embedder versions cannot be compared; clients can check the version in this
    // header.
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
  const std::shared_ptr<const std::atomic<bool>> trained_;
};

net::Response Answer(const Dependencies& deps, const net::Request& request,
                     std::shared_ptr<const std::atomic<bool>> trained) {
  Handlers handlers(deps, std::move(trained));
  auto answer = handlers.Invoke(request);
  if (!answer.ok()) return ErrorResponse(answer.error(), request.id);
  if (!handlers.must_wait) return *std::move(answer);
  auto wait = std::make_shared<net::Wait>();
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  wait->start = [&deps, ended](std::function<void()> resume) {
    deps.train([ended, resume = std::move(resume)] {
      *ended = true;
      resume();
    });
  };
  wait->most_millis = request.deadline.MillisLeft();
  wait->then = [&deps, &request, ended] { return Answer(deps, request, ended); };
  net::Response response;
  response.wait = std::move(wait);
  return response;
}

}  // namespace

Api::Api(Dependencies deps) : deps_(std::move(deps)) {}

bool Api::Owns(const net::Request& head) { return head.path.starts_with("/model/"); }

net::Response Api::Handle(const net::Request& request) const {
  TRINE_DCHECK(Owns(request));
  return Answer(deps_, request, nullptr);
}

net::Response ErrorResponse(const Error& error, const std::string& request_id, int status) {
  // A write that the store refuses now, such as that of the chosen embedder, may be tried again.
  const bool refused = !error.DetailOf("blocked").empty();
  AwsError aws = AwsErrorOf(refused ? ErrorCode::kUnavailable : error.code);
  if (status == 413 || status == 431) aws.type = "ValidationException";
  if (status != 0) aws.status = status;
  TRINE_CHECK_GE(aws.status, 400);
  TRINE_CHECK_LT(aws.status, 600);
  format::Json body;
  body.Set("__type", aws.type);
  body.Set("message", error.code == ErrorCode::kUnknownAccessKey
                          ? "The security token included in the request is invalid."
                          : error.message);
  auto response = net::Response::JsonText(aws.status, format::ToString(body), "application/json");
  response.headers.Set("x-amzn-errortype", aws.type);
  response.headers.Set("x-amzn-requestid", request_id);
  return response;
}

}  // namespace trine::api::bedrock
