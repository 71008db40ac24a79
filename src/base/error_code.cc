#include "base/error_code.h"

#include "base/check.h"

namespace trine {

// The functions below are tables with one row per kind or code, which clang-format would break up.
// clang-format off
ErrorKind KindOf(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case kInvalid: case kJsonSyntax: case kMalformedRequest: case kTooLittleData:
    case kCollectionName: case kAliasName: case kAliasNameTaken: case kCollectionNameTaken:
    case kManyWriteCollections: case kNoWriteCollection: case kMappingConflict:
    case kStrictMapping: case kFieldParse: case kFieldName: case kObjectField: case kNotAnObject:
    case kDateFormat: case kNormalizerNotFound: case kDocumentId: case kSchemaSyntax:
    case kCellValue: case kBadRow: case kMissingColumn: case kNumberSyntax: case kNumberRange:
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
    case kFilterSyntax: return ErrorKind::kInvalid;
    case kNotFound: case kCollectionNotFound: case kAliasRequired: case kDocumentMissing:
    case kPipelineNotFound: case kCampaignNotFound: return ErrorKind::kNotFound;
    case kExists: case kCollectionExists: return ErrorKind::kExists;
    case kConflict: case kVersionConflict: case kDocumentExists: return ErrorKind::kConflict;
    case kInUse: case kNotActive: return ErrorKind::kInUse;
    case kLimit: case kJsonDepth: case kJsonBytes: case kJsonValues: case kBodyTooLarge:
    case kHeaderTooLarge: case kCollectionLimit: case kMappingDepth: case kMappingFieldLimit:
    case kAnswerTooLarge: case kTermTooLong: case kRejectLimit: case kTooManyTags:
      return ErrorKind::kLimit;
    case kBusy: case kQueueFull: return ErrorKind::kBusy;
    case kUnauthenticated: case kMissingCredentials: case kUnknownCredentials:
    case kIncompleteSignature: case kSignatureMismatch: case kClockSkew: case kUnknownAccessKey:
      return ErrorKind::kUnauthenticated;
    case kForbidden: return ErrorKind::kForbidden;
    case kTimeout: case kStopped: return ErrorKind::kTimeout;
    case kUnavailable: case kStageSkipped: return ErrorKind::kUnavailable;
    case kCorrupt: return ErrorKind::kCorrupt;
    case kIo: case kNoSpace: return ErrorKind::kIo;
    case kUnsupported: case kContentEncoding: return ErrorKind::kUnsupported;
    case kInternal: return ErrorKind::kInternal;
    case kFormatVersion: return ErrorKind::kFormatVersion;
  }
  FailCheck(__FILE__, __LINE__, "an error code outside its enumeration");
}

bool IsServerFailure(ErrorKind kind) {
  return kind == ErrorKind::kCorrupt || kind == ErrorKind::kIo || kind == ErrorKind::kInternal ||
         kind == ErrorKind::kFormatVersion;
}

std::string_view Name(ErrorKind kind) {
  return Name(static_cast<ErrorCode>(kind));
}

// NOLINTNEXTLINE(readability-function-size): one line for each code
std::string_view Name(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case kInvalid: return "invalid";
    case kNotFound: return "not_found";
    case kExists: return "exists";
    case kConflict: return "conflict";
    case kInUse: return "in_use";
    case kLimit: return "limit";
    case kBusy: return "busy";
    case kUnauthenticated: return "unauthenticated";
    case kForbidden: return "forbidden";
    case kTimeout: return "timeout";
    case kUnavailable: return "unavailable";
    case kCorrupt: return "corrupt";
    case kIo: return "io";
    case kUnsupported: return "unsupported";
    case kInternal: return "internal";
    case kFormatVersion: return "format_version";
    case kJsonSyntax: return "json_syntax";
    case kJsonDepth: return "json_depth";
    case kJsonBytes: return "json_bytes";
    case kJsonValues: return "json_values";
    case kMalformedRequest: return "malformed_request";
    case kBodyTooLarge: return "body_too_large";
    case kHeaderTooLarge: return "header_too_large";
    case kContentEncoding: return "content_encoding";
    case kQueueFull: return "queue_full";
    case kMissingCredentials: return "missing_credentials";
    case kUnknownCredentials: return "unknown_credentials";
    case kIncompleteSignature: return "incomplete_signature";
    case kSignatureMismatch: return "signature_mismatch";
    case kClockSkew: return "clock_skew";
    case kUnknownAccessKey: return "unknown_access_key";
    case kNoSpace: return "no_space";
    case kStopped: return "stopped";
    case kTooLittleData: return "too_little_data";
    case kCollectionNotFound: return "collection_not_found";
    case kAliasRequired: return "alias_required";
    case kCollectionExists: return "collection_exists";
    case kCollectionName: return "collection_name";
    case kCollectionLimit: return "collection_limit";
    case kAliasName: return "alias_name";
    case kAliasNameTaken: return "alias_name_taken";
    case kCollectionNameTaken: return "collection_name_taken";
    case kManyWriteCollections: return "many_write_collections";
    case kNoWriteCollection: return "no_write_collection";
    case kMappingConflict: return "mapping_conflict";
    case kMappingDepth: return "mapping_depth";
    case kStrictMapping: return "strict_mapping";
    case kFieldParse: return "field_parse";
    case kFieldName: return "field_name";
    case kObjectField: return "object_field";
    case kNotAnObject: return "not_an_object";
    case kDateFormat: return "date_format";
    case kMappingFieldLimit: return "mapping_field_limit";
    case kNormalizerNotFound: return "normalizer_not_found";
    case kVersionConflict: return "version_conflict";
    case kDocumentExists: return "document_exists";
    case kDocumentMissing: return "document_missing";
    case kDocumentId: return "document_id";
    case kAnswerTooLarge: return "answer_too_large";
    case kTermTooLong: return "term_too_long";
    case kSchemaSyntax: return "schema_syntax";
    case kCellValue: return "cell_value";
    case kBadRow: return "bad_row";
    case kMissingColumn: return "missing_column";
    case kRejectLimit: return "reject_limit";
    case kNumberSyntax: return "number_syntax";
    case kNumberRange: return "number_range";
    case kNumberNotFinite: return "number_not_finite";
    case kBooleanSyntax: return "boolean_syntax";
    case kValueType: return "value_type";
    case kVectorElement: return "vector_element";
    case kInvalidQuery: return "invalid_query";
    case kFieldType: return "field_type";
    case kDateSyntax: return "date_syntax";
    case kQueryBoost: return "query_boost";
    case kTooManyClauses: return "too_many_clauses";
    case kTooManyTerms: return "too_many_terms";
    case kResultWindow: return "result_window";
    case kSearchAfter: return "search_after";
    case kZeroVector: return "zero_vector";
    case kVectorDimension: return "vector_dimension";
    case kHybridQuery: return "hybrid_query";
    case kUnmappedSortField: return "unmapped_sort_field";
    case kUnsortableField: return "unsortable_field";
    case kFusion: return "fusion";
    case kFusionPage: return "fusion_page";
    case kUnknownPipeline: return "unknown_pipeline";
    case kPipelineNotFound: return "pipeline_not_found";
    case kMissingUserId: return "missing_user_id";
    case kMissingItemIds: return "missing_item_ids";
    case kCampaignNotFound: return "campaign_not_found";
    case kNotActive: return "not_active";
    case kStageSkipped: return "stage_skipped";
    case kMissingUser: return "missing_user";
    case kMissingItem: return "missing_item";
    case kRecipeKind: return "recipe_kind";
    case kHyperparameter: return "hyperparameter";
    case kFilterValue: return "filter_value";
    case kUsage: return "usage";
    case kIllegalArgument: return "illegal_argument";
    case kRequestValidation: return "request_validation";
    case kRequestSyntax: return "request_syntax";
    case kDefinitionSyntax: return "definition_syntax";
    case kMappingSyntax: return "mapping_syntax";
    case kUnknownSection: return "unknown_section";
    case kUnknownSortColumn: return "unknown_sort_column";
    case kAnalysisState: return "analysis_state";
    case kProcessorProperty: return "processor_property";
    case kQuerySyntax: return "query_syntax";
    case kUnknownQuery: return "unknown_query";
    case kNestedHybrid: return "nested_hybrid";
    case kPaginationDepth: return "pagination_depth";
    case kShapeValidation: return "shape_validation";
    case kSerialization: return "serialization";
    case kUnknownOperation: return "unknown_operation";
    case kNextToken: return "next_token";
    case kTooManyTags: return "too_many_tags";
    case kFilterSyntax: return "filter_syntax";
  }
  FailCheck(__FILE__, __LINE__, "an error code outside its enumeration");
}
// clang-format on

}  // namespace trine
