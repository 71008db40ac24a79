#include "api/opensearch/errors/errors.h"

#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "api/opensearch/errors/error_text.h"
#include "base/check.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

struct StatusAndType {
  int status;
  const char* type;
};

// Returns the status and type that OpenSearch uses for the same error.
// clang-format off
StatusAndType StatusAndTypeOf(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case kQuerySyntax: case kUnknownQuery: return {400, "parsing_exception"};
    case kInvalid: case kLimit: case kUnsupported: case kJsonBytes: case kJsonValues:
    case kMalformedRequest: case kTooLittleData: case kAliasName: case kAliasNameTaken:
    case kManyWriteCollections: case kNoWriteCollection: case kMappingConflict: case kMappingDepth:
    case kDateFormat: case kMappingFieldLimit:
    case kNormalizerNotFound: case kDocumentId: case kTermTooLong: case kSchemaSyntax:
    case kCellValue: case kBadRow: case kMissingColumn: case kRejectLimit: case kNumberSyntax:
    case kNumberRange: case kNumberNotFinite: case kBooleanSyntax: case kValueType:
    case kVectorElement: case kQueryBoost: case kTooManyTerms: case kResultWindow:
    case kSearchAfter: case kZeroVector: case kVectorDimension: case kHybridQuery: case kFusion:
    case kFusionPage: case kUnknownPipeline: case kPipelineNotFound: case kCampaignNotFound:
    case kNotActive: case kMissingUser: case kMissingItem: case kRecipeKind: case kHyperparameter:
    case kFilterValue: case kUsage: case kIllegalArgument: case kNestedHybrid:
    case kPaginationDepth: case kShapeValidation: case kSerialization: case kUnknownOperation:
    case kNextToken: case kTooManyTags: case kFilterSyntax: return {400, "illegal_argument_exception"};
    case kJsonSyntax: case kJsonDepth: return {400, "json_parse_exception"};
    case kCollectionName: case kCollectionNameTaken: return {400, "invalid_index_name_exception"};
    case kCollectionLimit: return {400, "validation_exception"};
    case kFieldParse: case kNotAnObject: case kMappingSyntax: case kFieldName: case kObjectField:
      return {400, "mapper_parsing_exception"};
    case kStrictMapping: return {400, "strict_dynamic_mapping_exception"};
    case kDateSyntax: case kMissingUserId: case kMissingItemIds: case kDefinitionSyntax:
    case kProcessorProperty: return {400, "parse_exception"};
    case kInvalidQuery: case kFieldType: case kUnmappedSortField: case kUnsortableField:
      return {400, "query_shard_exception"};
    case kTooManyClauses: return {400, "too_many_clauses"};
    case kRequestValidation: return {400, "action_request_validation_exception"};
    case kRequestSyntax: return {400, "x_content_parse_exception"};
    case kUnknownSection: return {400, "named_object_not_found_exception"};
    case kUnknownSortColumn: return {400, "unsupported_operation_exception"};
    case kAnalysisState: return {400, "illegal_state_exception"};
    case kExists: case kCollectionExists: return {400, "resource_already_exists_exception"};
    case kUnauthenticated: case kMissingCredentials: case kUnknownCredentials: case kUnknownAccessKey:
    case kIncompleteSignature: case kSignatureMismatch: case kClockSkew:
      return {401, "security_exception"};
    case kForbidden: return {403, "security_exception"};
    case kCollectionNotFound: case kAliasRequired: return {404, "index_not_found_exception"};
    case kDocumentMissing: return {404, "document_missing_exception"};
    case kNotFound: return {404, "resource_not_found_exception"};
    case kConflict: case kVersionConflict: case kDocumentExists:
      return {409, "version_conflict_engine_exception"};
    case kInUse: return {409, "illegal_state_exception"};
    case kBodyTooLarge: case kAnswerTooLarge: return {413, "content_too_long_exception"};
    case kContentEncoding: return {415, "media_type_header_exception"};
    case kBusy: case kQueueFull: return {429, "rejected_execution_exception"};
    case kNoSpace: return {429, "cluster_block_exception"};
    case kHeaderTooLarge: return {431, "too_long_http_header_exception"};
    case kCorrupt: return {500, "corrupt_index_exception"};
    case kIo: return {500, "i_o_exception"};
    case kInternal: case kFormatVersion: return {500, "illegal_state_exception"};
    case kTimeout: case kStopped: return {503, "timeout_exception"};
    case kUnavailable: case kStageSkipped: return {503, "status_exception"};
  }
  FailCheck(__FILE__, __LINE__, "an error code outside its enumeration");
}
// clang-format on

Json Cause(std::string_view type, std::string reason) {
  Json cause;
  cause.Set("type", type);
  cause.Set("reason", std::move(reason));
  return cause;
}

// Whether the write was refused because too little space is free (storage/free_space.h).
bool IsBlockedByDisk(const Error& error) {
  return error.code == ErrorCode::kUnavailable && error.DetailOf("blocked") == "free_space";
}

// The reason for a write on a full disk, or on one on which little space is free. A definition that belongs
// to no index has no name in it.
std::string FloodStageReason(const std::string& index) {
  return (index.empty() ? "" : "index [" + index + "] ") +
         "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
         "read-only-allow-delete block];";
}

// A write that the store cannot make durable now (storage/store_health.h). Clients try these statuses again.
void MakeStoreRefused(const Error& error, const std::string& index, WireError* wire) {
  wire->caused_by = Cause("i_o_exception", error.message);
  if (error.code == ErrorCode::kNoSpace) {
    wire->reason = FloodStageReason(index);
    return;
  }
  wire->status = 503;
  wire->type = index.empty() ? "status_exception" : "unavailable_shards_exception";
  if (!index.empty()) wire->reason = "[" + index + "][0] primary shard is not active: " + error.message;
}

void MakeSpaceReserved(const Error& error, const std::string& index, WireError* wire) {
  if (!index.empty() || !error.DetailOf("definition").empty()) {
    wire->status = 429;
    wire->type = "cluster_block_exception";
    wire->reason = FloodStageReason(index);
  } else {  // creating an index concerns no index
    wire->status = 403;
    wire->type = "index_create_block_exception";
    wire->reason = "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];";
  }
}

// "118.1mb", as OpenSearch prints sizes.
std::string SizeText(int64_t bytes) {
  constexpr std::string_view kUnits[] = {"b", "kb", "mb", "gb", "tb"};
  size_t unit = 0;
  auto size = static_cast<double>(bytes);
  for (; size >= 1024 && unit + 1 < std::size(kUnits); ++unit) size /= 1024;
  std::string text = format::ShortestDouble(std::floor(size * 10) / 10);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + std::string(kUnits[unit]);
}

// Work that does not fit into memory: the details are those of MemoryBudget::Reserve, or only the durability.
void MakeCircuitBreaking(const Error& error, WireError* wire) {
  wire->type = "circuit_breaking_exception";
  const auto wanted = format::ParseInt(error.DetailOf("bytes_wanted"));
  const auto limit = format::ParseInt(error.DetailOf("bytes_limit"));
  if (wanted && limit) {
    const auto both = [](int64_t bytes) { return "[" + std::to_string(bytes) + "/" + SizeText(bytes) + "]"; };
    wire->reason = "[" + std::string(error.DetailOf("use")) +
                   "] Data too large, data for [<http_request>] would be " + both(*wanted) +
                   ", which is larger than the limit of " + both(*limit);
    wire->details.Set("bytes_wanted", *wanted);
    wire->details.Set("bytes_limit", *limit);
  }
  wire->details.Set("durability", error.DetailOf("durability"));
}

// The type that OpenSearch gives the cause of a value that a field cannot hold.
std::string_view CauseOfField(const Error& error) {
  const bool is_text = error.expected == "text" || error.expected == "keyword" || error.expected == "date";
  switch (error.cause ? error.cause->code : ErrorCode::kInvalid) {
    case ErrorCode::kNumberSyntax:
      return error.expected == "unsigned_long" ? "illegal_argument_exception" : "number_format_exception";
    case ErrorCode::kValueType:
      return is_text ? "illegal_state_exception" : "json_parse_exception";
    default:
      return "illegal_argument_exception";
  }
}

// A definition of a mapping that cannot be read. `exception` is the type if it is not that of most errors.
void MakeMappingSyntax(const Error& error, WireError* wire) {
  if (!error.DetailOf("exception").empty()) wire->type = error.DetailOf("exception");
  if (error.DetailOf("of").empty()) return;
  wire->caused_by = Cause(wire->type, wire->reason);
  wire->type = "mapper_parsing_exception";
  wire->reason = "Failed to parse mapping [_doc]: " + wire->reason;
}

// The innermost cause that is an exception of OpenSearch's own; other causes explain the one around them.
Json RootOf(Json member) {
  const auto type_of = [](const Json& exception) {
    const Json* type = exception.Find("type");
    return type != nullptr && type->is_string() ? type->string() : std::string();
  };
  const auto is_own = [](std::string_view type) {
    return type == "mapper_parsing_exception" || type == "parsing_exception" || type == "parse_exception";
  };
  for (;;) {
    const Json* cause = member.Find("caused_by");
    const std::string type = type_of(member), inner = cause == nullptr ? "" : type_of(*cause);
    const bool chain = type == "x_content_parse_exception" && inner == type;
    if (!chain && !is_own(inner)) break;
    member = Json(*cause);
  }
  member.Remove("caused_by");
  return member;
}

// Adds the members that OpenSearch puts beside the reason for this error.
void AddDetails(const Error& error, const ErrorContext& about, WireError* wire) {
  if (error.code == ErrorCode::kBusy && !error.DetailOf("durability").empty())
    return MakeCircuitBreaking(error, wire);
  if (error.code == ErrorCode::kNoSpace || error.DetailOf("blocked") == "store")
    return MakeStoreRefused(error, about.index, wire);
  const std::string index = !about.index.empty() ? about.index : error.where;
  if (error.code == ErrorCode::kCollectionNotFound || error.code == ErrorCode::kAliasRequired) {
    wire->details.Set("index", error.where);
    wire->details.Set("resource.id", error.where);
    wire->details.Set("resource.type", about.resource_type);
    wire->details.Set("index_uuid", "_na_");
  } else if (error.code == ErrorCode::kCollectionExists || error.code == ErrorCode::kCollectionName ||
             error.code == ErrorCode::kCollectionNameTaken) {
    wire->details.Set("index", index);
    wire->details.Set("index_uuid", about.uuid.empty() ? "_na_" : about.uuid);
  } else if (error.code == ErrorCode::kVersionConflict || error.code == ErrorCode::kDocumentExists ||
             error.code == ErrorCode::kDocumentMissing) {
    if (about.index.empty()) return;
    wire->details.Set("index", about.index);
    wire->details.Set("shard", "0");
    wire->details.Set("index_uuid", about.uuid);
  } else if (IsBlockedByDisk(error)) {
    MakeSpaceReserved(error, index, wire);
  } else if (error.code == ErrorCode::kUnknownQuery) {
    wire->caused_by = Cause("named_object_not_found_exception", "unknown field [" + error.got + "]");
  } else if (error.code == ErrorCode::kFieldParse) {
    wire->caused_by = Cause(CauseOfField(error), error.cause ? FieldValueText(*error.cause) : error.message);
  } else if (error.code == ErrorCode::kProcessorProperty) {
    wire->reason = error.message;
    if (!error.got.empty()) wire->details.Set("processor_type", error.got);
    if (!error.where.empty()) wire->details.Set("property_name", error.where);
  } else if (error.code == ErrorCode::kMappingSyntax) {
    MakeMappingSyntax(error, wire);
  } else if (error.code == ErrorCode::kNotAnObject) {
    wire->caused_by = Cause("illegal_argument_exception", error.message);
    wire->reason = "failed to parse";
  } else if (error.code == ErrorCode::kFieldName && !error.DetailOf("metadata").empty()) {
    wire->caused_by = Cause("mapper_parsing_exception", wire->reason);
  } else if (error.code == ErrorCode::kRequestSyntax && error.cause) {
    wire->caused_by = ErrorMember(ToWire(*error.cause));
  } else if ((error.code == ErrorCode::kIllegalArgument || error.code == ErrorCode::kQuerySyntax) &&
             !error.DetailOf("exception").empty()) {
    wire->type = error.DetailOf("exception");
  } else if (error.code == ErrorCode::kFieldName) {
    wire->caused_by = Cause("illegal_argument_exception", std::move(wire->reason));
    wire->reason = "failed to parse";
  }
}

// Returns OpenSearch's fixed text for the error if there is one. Otherwise returns the error's message,
// followed by the expected and received values that the message does not contain.
std::string ReasonOf(const Error& error) {
  if (std::optional<std::string> fixed = ErrorText(error)) return *std::move(fixed);
  std::string reason = error.message;
  if (error.code == ErrorCode::kUnknownQuery || error.code == ErrorCode::kNotAnObject) return reason;
  const auto add = [&reason](const char* what, const std::string& text) {
    if (!text.empty() && reason.find(text) == std::string::npos)
      reason += std::string(", ") + what + " " + text;
  };
  add("expected", error.expected);
  if (!error.expected.empty()) add("got", error.got);
  if (error.code == ErrorCode::kJsonSyntax) add("at", error.where);
  return reason;
}

}  // namespace

ErrorContext ContextOf(const catalogue::Collection& collection) { return {collection.name, collection.uuid}; }

Error IllegalArgument(std::string message) { return {ErrorCode::kIllegalArgument, std::move(message)}; }
Error NotSupported(const std::string& what) {
  return {ErrorCode::kUnsupported, what + " is not supported yet"};
}
Error RequestValidation(std::string message) {
  return {ErrorCode::kRequestValidation, "Validation Failed: 1: " + std::move(message) + ";"};
}
Error ProcessorProperty(std::string_view processor, std::string_view property, std::string message) {
  return Error(ErrorCode::kProcessorProperty, std::move(message))
      .Got(std::string(processor))
      .Where(std::string(property));
}

WireError ToWire(const Error& error, const ErrorContext& about) {
  WireError wire;
  const StatusAndType row = StatusAndTypeOf(error.code);
  wire.status = row.status;
  wire.type = row.type;
  wire.reason = ReasonOf(error);
  wire.details = Json(Json::Object{});
  AddDetails(error, about, &wire);
  TRINE_CHECK_GE(wire.status, 400);
  TRINE_DCHECK(wire.details.is_object());
  return wire;
}

Json ErrorMember(const WireError& error) {
  TRINE_DCHECK(!error.type.empty());
  Json member = Cause(error.type, error.reason);
  if (error.details.is_object()) {
    for (const auto& [key, value] : error.details.object()) member.Set(key, value);
  }
  if (!error.caused_by.is_null()) member.Set("caused_by", error.caused_by);
  return member;
}

Json ErrorBody(const WireError& error) {
  TRINE_DCHECK_GE(error.status, 400);
  Json root = RootOf(ErrorMember(error));
  Json inner, body;
  inner.Set("root_cause", Json(Json::Array{std::move(root)}));
  const Json member = ErrorMember(error);
  for (const auto& [key, value] : member.object()) inner.Set(key, value);
  body.Set("error", std::move(inner));
  body.Set("status", error.status);
  return body;
}

Json ShardFailureBody(const WireError& cause, const catalogue::Collection* collection,
                      std::string_view node) {
  WireError inner = cause;
  if (inner.type == "query_shard_exception" && collection != nullptr && inner.details.object().empty()) {
    inner.details.Set("index", collection->name);
    inner.details.Set("index_uuid", collection->uuid);
  }
  Json root = ErrorMember(inner);
  root.Remove("caused_by");
  Json shard, error, body;
  shard.Set("shard", 0);
  if (collection != nullptr) shard.Set("index", collection->name);
  shard.Set("node", node);
  shard.Set("reason", ErrorMember(inner));
  error.Set("root_cause", Json(Json::Array{root}));
  error.Set("type", "search_phase_execution_exception");
  error.Set("reason", "all shards failed");
  error.Set("phase", "query");
  error.Set("grouped", true);
  error.Set("failed_shards", Json(Json::Array{std::move(shard)}));
  // As in OpenSearch, an illegal_argument_exception is repeated as the cause of the whole error; other
  // exceptions are not.
  if (inner.type == "illegal_argument_exception") {
    Json outer = Cause(inner.type, inner.reason);
    outer.Set("caused_by", Cause(inner.type, inner.reason));
    error.Set("caused_by", std::move(outer));
  }
  body.Set("error", std::move(error));
  body.Set("status", inner.status);
  return body;
}

Json PhaseFailureBody(const WireError& cause) {
  TRINE_DCHECK_GE(cause.status, 400);
  Json error, body;
  error.Set("root_cause", Json(Json::Array{}));
  error.Set("type", "search_phase_execution_exception");
  error.Set("reason", "The phase has failed");
  error.Set("phase", "query");
  error.Set("grouped", true);
  error.Set("failed_shards", Json(Json::Array{}));
  error.Set("caused_by", Cause(cause.type, cause.reason));
  body.Set("error", std::move(error));
  body.Set("status", cause.status);
  return body;
}

net::Response ErrorResponse(const Error& error, int status) {
  TRINE_DCHECK(status == 0 || status >= 400);
  WireError wire = ToWire(error);
  if (status != 0) wire.status = status;
  net::Response response = net::Response::JsonText(wire.status, format::ToString(ErrorBody(wire)));
  if (wire.status == 401) response.headers.Set("WWW-Authenticate", "Basic realm=\"trine\"");
  return response;
}

net::Response NotRecoveredResponse(const std::string& progress) {
  WireError wire;
  wire.status = 503;
  wire.type = "cluster_block_exception";
  wire.reason = "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];";
  wire.caused_by = Cause("status_exception", progress);
  return net::Response::JsonText(wire.status, format::ToString(ErrorBody(wire)));
}

}  // namespace trine::api::opensearch
