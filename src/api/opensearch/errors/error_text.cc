#include "api/opensearch/errors/error_text.h"

#include <string_view>
#include <utility>

#include "api/opensearch/errors/search_error_text.h"
#include "base/limits.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

std::string Bracketed(std::string_view value) { return "[" + std::string(value) + "]"; }

// OpenSearch counts shards. An index counts as two here: one shard and its unassigned replica.
std::string TooManyShards(const Error& error) {
  const int64_t now = 2 * format::ParseInt(error.got).value_or(0);
  return "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [" +
         std::to_string(now) + "]/[" + std::to_string(2 * limits::kMaxCollections) + "] maximum shards open;";
}

// Describes what is wrong with an index or alias name. catalogue::CheckCollectionName sets the detail
// "problem".
std::string NameProblem(const Error& error) {
  const std::string_view word = error.DetailOf("problem");
  if (word == "too_long")
    return "index name is too long, (" + std::string(error.DetailOf("bytes")) + " > " +
           std::string(error.DetailOf("limit")) + ")";
  constexpr std::pair<std::string_view, const char*> kRules[] = {
      {"empty", "must not be empty"},
      {"dots", "must not be '.' or '..'"},
      {"not_utf8", "must be UTF-8"},
      {"first_character", "must not start with '_', '-', or '+'"},
      {"forbidden_character", "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]"},
      {"hash", "must not contain '#'"},
      {"colon", "must not contain ':'"},
      {"control_character", "must not contain control characters"},
      {"upper_case", "must be lowercase"},
      {"hidden", "must not start with '.items-'"},
      {"not_hidden", "must start with '.items-'"},
  };
  for (const auto& [known, rule] : kRules) {
    if (word == known) return rule;
  }
  return error.message;
}

std::string MappingConflict(const Error& error) {
  const std::string from = Bracketed(error.DetailOf("from")), to = Bracketed(error.DetailOf("to"));
  const std::string_view parameter = error.DetailOf("parameter");
  if (parameter.empty())
    return "mapper " + Bracketed(error.where) + " cannot be changed from type " + from + " to " + to;
  return "Mapper for " + Bracketed(error.where) +
         " conflicts with existing mapper:\n\tCannot update parameter " + Bracketed(parameter) + " from " +
         from + " to " + to;
}

const char* Relation(std::string_view word) {
  return word == "newer" ? "higher than" : word == "newer_or_same" ? "higher or equal to" : "different than";
}

std::string VersionConflict(const Error& error) {
  const std::string prefix = Bracketed(error.where) + ": version conflict, ";
  if (error.code == ErrorCode::kDocumentExists)
    return prefix + "document already exists (current version " + Bracketed(error.DetailOf("version")) + ")";
  const std::string_view provided = error.DetailOf("provided");
  if (!provided.empty())
    return prefix + "current version " + Bracketed(error.DetailOf("version")) + " is " +
           Relation(error.DetailOf("relation")) + " the one provided " + Bracketed(provided);
  const std::string required = "required seqNo " + Bracketed(error.DetailOf("required_seq_no")) +
                               ", primary term " + Bracketed(error.DetailOf("required_primary_term")) + ". ";
  if (error.DetailOf("seq_no").empty()) return prefix + required + "but no document was found";
  return prefix + required + "current document has seqNo " + Bracketed(error.DetailOf("seq_no")) +
         " and primary term " + Bracketed(error.DetailOf("primary_term"));
}

// Returns nullopt unless the error is a key that appears twice.
std::optional<std::string> JsonSyntax(const Error& error) {
  const std::string_view key = error.DetailOf("duplicate_key");
  if (key.empty()) return std::nullopt;
  return "Duplicate field '" + std::string(key) + "', at " + error.where;
}

std::string FieldName(const Error& error) {
  if (const std::string_view name = error.DetailOf("metadata"); !name.empty())
    return "Field " + Bracketed(name) +
           " is a metadata field and cannot be added inside a document. Use the index API request "
           "parameters.";
  if (error.got.empty()) return "field name cannot be an empty string";
  return "object field starting or ending with a [.] makes object resolution ambiguous: " +
         Bracketed(error.got);
}

// `got` is empty if the problem concerns the list of formats rather than one of them.
std::string DateFormatText(const Error& error) {
  const std::string problem(error.DetailOf("problem"));
  return error.got.empty() ? problem : "Invalid format: " + Bracketed(error.got) + ": " + problem;
}

std::string ObjectField(const Error& error) {
  const std::string_view type = error.DetailOf("type");
  if (type.empty())
    return "object mapping for " + Bracketed(error.where) + " tried to parse field " + Bracketed(error.got) +
           " as object, but found a concrete value";
  return "Could not dynamically add mapping for field " + Bracketed(error.got) + ". Existing mapping for " +
         Bracketed(error.where) + " must be of type object but found " + Bracketed(type) + ".";
}

std::string MappingDepth(const Error& error) {
  return "Limit of mapping depth " + Bracketed(error.DetailOf("limit")) +
         " has been exceeded due to object field " + Bracketed(error.where);
}

std::string StrictMapping(const Error& error) {
  return "mapping set to strict, dynamic introduction of " + Bracketed(error.DetailOf("name")) + " within " +
         Bracketed(error.DetailOf("parent").empty() ? "_doc" : error.DetailOf("parent")) + " is not allowed";
}

std::string FieldParse(const Error& error) {
  return "failed to parse field " + Bracketed(error.where) + " of type " + Bracketed(error.expected) +
         " in document with id '" + std::string(error.DetailOf("id")) + "'. Preview of field's value: '" +
         error.got + "'";
}

// Returns nullopt for an empty id, for which OpenSearch has no fixed text.
std::optional<std::string> DocumentId(const Error& error) {
  if (error.DetailOf("bytes").empty()) return std::nullopt;
  return "id [" + error.got + "...] is too long, must be no longer than " +
         std::to_string(limits::kMaxIdBytes) + " bytes but was: " + std::string(error.DetailOf("bytes"));
}

std::string ValueType(const Error& cause) {
  if (cause.expected == "text")
    return "Can't get text on a START_" + std::string(cause.got == "array" ? "ARRAY" : "OBJECT");
  if (cause.expected != "number") return cause.message;
  if (cause.got == "true" || cause.got == "false")
    return "Current token (VALUE_" + std::string(cause.got == "true" ? "TRUE" : "FALSE") +
           ") not numeric, can not use numeric value accessors";
  return "Current token is an " + cause.got + ", not numeric";
}

}  // namespace

std::string FieldValueText(const Error& cause) {
  const bool vowel = cause.expected == "integer" || cause.expected == "unsigned_long";
  switch (cause.code) {
    case ErrorCode::kNumberRange:
      return "Value " + Bracketed(cause.got) + " is out of range for " + (vowel ? "an " : "a ") +
             cause.expected;
    case ErrorCode::kNumberSyntax:
      return "For input string: \"" + cause.got + "\"";
    case ErrorCode::kNumberNotFinite:
      return Bracketed(cause.expected) + " supports only finite values, but got " + Bracketed(cause.got);
    case ErrorCode::kBooleanSyntax:
      return "Failed to parse value " + Bracketed(cause.got) + " as only [true] or [false] are allowed.";
    case ErrorCode::kDateSyntax:
      return "failed to parse date field " + Bracketed(cause.got) + " of " + Bracketed(cause.where) +
             " with format " + Bracketed(cause.expected);
    case ErrorCode::kValueType:
      return ValueType(cause);
    case ErrorCode::kVectorDimension:
      return "Vector dimension mismatch. Expected: " + cause.expected + ", Given: " + cause.got;
    case ErrorCode::kZeroVector:
      return "zero vector is not supported when space type is [cosinesimil]";
    case ErrorCode::kVectorElement:
      if (cause.got == "NaN" || cause.got == "infinity") return "KNN vector values cannot be " + cause.got;
      return "a vector must contain only numbers, got " + Bracketed(cause.got);
    case ErrorCode::kTermTooLong:
      return "Document contains at least one immense term in field=\"" + cause.where +
             "\" (whose UTF8 encoding is longer than the max length " +
             std::to_string(limits::kMaxTermBytes) + ")";
    default:
      return cause.message;
  }
}

std::optional<std::string> ErrorText(const Error& error) {
  using enum ErrorCode;
  const std::string name = Bracketed(error.where);
  // clang-format off
  switch (error.code) {
    case kCollectionNotFound: return "no such index " + name;
    case kAliasRequired:
      return "no such index " + name + " and [require_alias] request flag is [true] and " + name + " is not an alias";
    case kCollectionExists:
      return "index [" + error.where + "/" + std::string(error.DetailOf("uuid")) + "] already exists";
    case kCollectionName: return "Invalid index name " + name + ", " + NameProblem(error);
    case kCollectionNameTaken: return "Invalid index name " + name + ", already exists as alias";
    case kCollectionLimit: return TooManyShards(error);
    case kAliasName: return "Invalid alias name " + name + ", " + NameProblem(error);
    case kAliasNameTaken:
      return "Invalid alias name " + name + ": an index or data stream exists with the same name as the alias";
    case kManyWriteCollections: return "alias " + name + " has more than one write index " + Bracketed(error.got);
    case kNoWriteCollection:
      return "no write index is defined for alias " + name + ". The write index may be explicitly disabled using "
             "is_write_index=false or the alias points to multiple indices without one being designated as a write index";
    case kMappingConflict: return MappingConflict(error);
    case kMappingFieldLimit:
      return "Limit of total fields " + Bracketed(error.DetailOf("limit")) + " has been exceeded";
    case kMappingDepth: return MappingDepth(error);
    case kNormalizerNotFound: return "normalizer " + Bracketed(error.got) + " not found";
    case kStrictMapping: return StrictMapping(error);
    case kFieldParse: return FieldParse(error);
    case kJsonSyntax: return JsonSyntax(error);
    case kFieldName: return FieldName(error);
    case kObjectField: return ObjectField(error);
    case kDateFormat: return DateFormatText(error);
    case kVersionConflict: case kDocumentExists: return VersionConflict(error);
    case kDocumentMissing: return name + ": document missing";
    case kDocumentId: return DocumentId(error);
    case kUnknownPipeline: return "Pipeline " + error.where + " is not defined";
    case kUnknownAccessKey: return "The security token included in the request is invalid.";  // Amazon OpenSearch Service
    case kMissingUserId: return "[user_id] required Personalize request parameter is missing";
    case kMissingItemIds:
      return "[item_id_field] no item ids found to apply Personalized reranking. Please check configured value "
             "for item_id_field" + std::string(error.DetailOf("hint"));
    case kFusionPage: return "Reached end of search result, increase pagination_depth value to see more results";

    case kInvalidQuery: case kFieldType: case kDateSyntax: case kTooManyTerms: case kResultWindow:
    case kSearchAfter: case kZeroVector: case kVectorDimension: case kHybridQuery:
    case kUnmappedSortField: case kUnsortableField: case kFusion:
      return SearchErrorText(error);

    // OpenSearch has no fixed text for these errors, or this API's request parser already set it as the message.
    case kInvalid: case kNotFound: case kExists: case kConflict: case kInUse: case kLimit:
    case kBusy: case kUnauthenticated: case kForbidden: case kTimeout: case kUnavailable:
    case kCorrupt: case kIo: case kUnsupported: case kInternal: case kFormatVersion: case kJsonDepth:
    case kJsonBytes: case kJsonValues: case kMalformedRequest: case kBodyTooLarge:
    case kHeaderTooLarge: case kContentEncoding: case kQueueFull: case kMissingCredentials:
    case kUnknownCredentials: case kIncompleteSignature: case kSignatureMismatch: case kClockSkew:
    case kNoSpace: case kStopped: case kTooLittleData: case kNotAnObject: case kAnswerTooLarge:
    case kTermTooLong: case kSchemaSyntax: case kCellValue: case kBadRow: case kMissingColumn:
    case kRejectLimit: case kNumberSyntax: case kNumberRange: case kNumberNotFinite:
    case kBooleanSyntax: case kValueType: case kVectorElement:
    case kQueryBoost: case kTooManyClauses:
    case kPipelineNotFound: case kCampaignNotFound: case kNotActive: case kStageSkipped:
    case kMissingUser: case kMissingItem: case kRecipeKind: case kHyperparameter:
    case kFilterValue: case kUsage: case kIllegalArgument: case kRequestValidation:
    case kRequestSyntax: case kDefinitionSyntax: case kMappingSyntax: case kUnknownSection:
    case kUnknownSortColumn: case kAnalysisState: case kProcessorProperty: case kQuerySyntax:
    case kUnknownQuery: case kNestedHybrid: case kPaginationDepth: case kShapeValidation:
    case kSerialization: case kUnknownOperation: case kNextToken: case kTooManyTags:
    case kFilterSyntax:
      break;
  }
  // clang-format on
  return std::nullopt;
}

}  // namespace trine::api::opensearch
