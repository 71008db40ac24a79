#include "api/bedrock/errors.h"

#include "base/utf8.h"

namespace trine::api::bedrock {
namespace {

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

// The messages of two errors are worded by the service.
std::string MessageOf(const Error& error) {
  if (error.code == ErrorCode::kUnknownAccessKey)
    return "The security token included in the request is invalid.";
  std::string message = error.message;
  if (error.code == ErrorCode::kUnsupported && !error.expected.empty())
    message += "; expected " + error.expected;
  return message;
}

}  // namespace

Error Invalid(std::string message, std::string where) {
  return Error(ErrorCode::kShapeValidation, std::move(message)).Where(std::move(where));
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
  body.Set("message", MessageOf(error));
  auto response = net::Response::JsonText(aws.status, format::ToString(body), "application/json");
  response.headers.Set("x-amzn-errortype", aws.type);
  response.headers.Set("x-amzn-requestid", request_id);
  return response;
}

StreamException StreamExceptionOf(const Error& error, bool knows_timeout) {
  const AwsError aws = AwsErrorOf(error.code);
  StreamException out;
  const std::string message = IsServerFailure(error.kind())
                                  ? std::string("the request failed; the log of the server has the reason")
                                  : MessageOf(error);
  // The message may repeat a part of the request, which may exceed the bound of an event.
  constexpr size_t kMaxMessageBytes = 4096;
  out.payload.Set("message", CutUtf8(message, kMaxMessageBytes));
  switch (error.kind()) {
    case ErrorKind::kBusy:
    case ErrorKind::kInUse:
      out.type = "throttlingException";
      break;
    case ErrorKind::kTimeout:
      out.type = knows_timeout ? "modelTimeoutException" : "modelStreamErrorException";
      if (!knows_timeout) out.payload.Set("originalStatusCode", aws.status);
      break;
    case ErrorKind::kUnavailable:
      out.type = "serviceUnavailableException";
      break;
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
    case ErrorKind::kFormatVersion:
      out.type = "internalServerException";
      break;
    case ErrorKind::kInvalid:
    case ErrorKind::kNotFound:
    case ErrorKind::kExists:
    case ErrorKind::kConflict:
    case ErrorKind::kLimit:
    case ErrorKind::kUnauthenticated:
    case ErrorKind::kForbidden:
    case ErrorKind::kUnsupported:
      out.type = "validationException";
      break;
  }
  TRINE_CHECK(!out.type.empty());
  return out;
}

}  // namespace trine::api::bedrock
