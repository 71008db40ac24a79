// Errors in the form that Personalize clients read.
#include "api/personalize/api.h"

namespace trine::api::personalize {
namespace {

struct AwsError {
  int status;
  const char* type;
};

// Returns an error's status and exception name. Most mistakes of the caller are 400, as in Personalize.
// clang-format off
AwsError AwsErrorOf(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case kJsonSyntax: case kJsonDepth: case kJsonBytes: case kSerialization:
      return {400, "SerializationException"};
    case kShapeValidation: return {400, "ValidationException"};
    case kUnknownOperation: return {400, "UnknownOperationException"};
    case kNextToken: return {400, "InvalidNextTokenException"};
    case kTooManyTags: return {400, "TooManyTagsException"};
    case kInvalid: case kConflict: case kUnsupported: case kMalformedRequest:
    case kContentEncoding: case kTooLittleData: case kCollectionName: case kAliasName:
    case kAliasNameTaken: case kCollectionNameTaken: case kManyWriteCollections:
    case kNoWriteCollection: case kMappingConflict: case kStrictMapping: case kFieldParse:
    case kFieldName: case kObjectField: case kNotAnObject: case kDateFormat:
    case kNormalizerNotFound: case kVersionConflict: case kDocumentExists: case kDocumentId:
    case kSchemaSyntax: case kCellValue: case kBadRow: case kMissingColumn: case kNumberSyntax:
    case kNumberRange: case kNumberNotFinite: case kBooleanSyntax: case kValueType:
    case kVectorElement: case kInvalidQuery: case kFieldType: case kDateSyntax: case kQueryBoost:
    case kTooManyClauses: case kTooManyTerms: case kResultWindow: case kSearchAfter:
    case kZeroVector: case kVectorDimension: case kHybridQuery: case kUnmappedSortField:
    case kUnsortableField: case kFusion: case kFusionPage: case kUnknownPipeline:
    case kMissingUserId: case kMissingItemIds: case kMissingUser: case kMissingItem:
    case kRecipeKind: case kHyperparameter: case kFilterValue: case kUsage: case kIllegalArgument:
    case kRequestValidation: case kRequestSyntax: case kDefinitionSyntax: case kMappingSyntax:
    case kUnknownSection: case kUnknownSortColumn: case kAnalysisState: case kProcessorProperty:
    case kQuerySyntax: case kUnknownQuery: case kNestedHybrid: case kPaginationDepth:
    case kFilterSyntax: return {400, "InvalidInputException"};
    case kNotFound: case kCollectionNotFound: case kAliasRequired: case kDocumentMissing:
    case kPipelineNotFound: case kCampaignNotFound: return {400, "ResourceNotFoundException"};
    case kExists: case kCollectionExists: return {400, "ResourceAlreadyExistsException"};
    case kInUse: case kNotActive: return {400, "ResourceInUseException"};
    case kLimit: case kJsonValues: case kBodyTooLarge: case kHeaderTooLarge: case kCollectionLimit:
    case kMappingDepth: case kMappingFieldLimit: case kAnswerTooLarge: case kTermTooLong:
    case kRejectLimit: return {400, "LimitExceededException"};
    case kMissingCredentials: return {403, "MissingAuthenticationTokenException"};
    case kUnknownCredentials: case kUnknownAccessKey: return {403, "UnrecognizedClientException"};
    case kUnauthenticated: case kIncompleteSignature: case kSignatureMismatch: case kClockSkew:
      return {403, "InvalidSignatureException"};
    case kForbidden: return {403, "AccessDeniedException"};
    case kBusy: case kQueueFull: return {429, "ThrottlingException"};
    case kCorrupt: case kIo: case kInternal: case kFormatVersion:
      return {500, "InternalServerException"};
    case kTimeout: case kUnavailable: case kNoSpace: case kStopped: case kStageSkipped:
      return {503, "ServiceUnavailableException"};
  }
  FailCheck(__FILE__, __LINE__, "an error code outside its enumeration");
}
// clang-format on

}  // namespace

net::Response ErrorResponse(const Error& error, const std::string& request_id, int status) {
  // A write that the store refuses now may be tried again.
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
                          : error.ToString());
  auto response = net::Response::JsonText(aws.status, format::ToString(body), "application/x-amz-json-1.1");
  response.headers.Set("x-amzn-errortype", aws.type);
  response.headers.Set("x-amzn-requestid", request_id);
  return response;
}

}  // namespace trine::api::personalize
