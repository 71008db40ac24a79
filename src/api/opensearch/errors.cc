#include "api/opensearch/errors.h"

#include <array>
#include <map>
#include <utility>

#include "api/opensearch/api.h"
#include "base/limits.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

constexpr std::string_view kTyped = "type:";
constexpr std::string_view kProcessor = "processor:";

struct Shape {
  int status;
  const char* type;
};

// By the domain's code: what the original answers in the same case.
const std::map<std::string_view, Shape>& ByCode() {
  static const std::map<std::string_view, Shape> kShapes = {
      {"parsing", {400, "parsing_exception"}},
      {"unknown_query", {400, "parsing_exception"}},
      {"unsupported_query", {400, "illegal_argument_exception"}},
      {"empty_clause", {400, "illegal_argument_exception"}},
      {"nesting", {400, "illegal_argument_exception"}},
      {"hybrid_nested", {400, "illegal_argument_exception"}},
      {"json", {400, "json_parse_exception"}},
      {"json_depth", {400, "json_parse_exception"}},
      {"no_collection", {404, "index_not_found_exception"}},
      {"collection_exists", {400, "resource_already_exists_exception"}},
      {"collection_name", {400, "invalid_index_name_exception"}},
      {"collections", {400, "validation_exception"}},
      {"version_conflict", {409, "version_conflict_engine_exception"}},
      {"document_exists", {409, "version_conflict_engine_exception"}},
      {"document_missing", {404, "document_missing_exception"}},
      {"field_parse", {400, "mapper_parsing_exception"}},
      {"not_object", {400, "mapper_parsing_exception"}},
      {"strict_mapping", {400, "strict_dynamic_mapping_exception"}},
      {"mapping_depth", {400, "illegal_argument_exception"}},
      {"mapping_fields", {400, "illegal_argument_exception"}},
      {"mapping_conflict", {400, "illegal_argument_exception"}},
      {"pipeline", {400, "illegal_argument_exception"}},
      {"person", {400, "parse_exception"}},
      {"item_id_field", {400, "parse_exception"}},
      {"campaign", {400, "illegal_argument_exception"}},
      {"not_active", {400, "illegal_argument_exception"}},
      {"fusion", {400, "illegal_argument_exception"}},
      {"field_type", {400, "query_shard_exception"}},
      {"query", {400, "query_shard_exception"}},
      {"date", {400, "parse_exception"}},
      {"time_zone", {400, "illegal_argument_exception"}},
      {"clauses", {400, "too_many_clauses"}},
      {"sort_field", {400, "query_shard_exception"}},
      {"result_window", {400, "illegal_argument_exception"}},
      {"vector_dimension", {400, "illegal_argument_exception"}},
      {"percent_escape", {400, "illegal_argument_exception"}},
      {"body_too_large", {413, "content_too_long_exception"}},
      {"answer_bytes", {413, "content_too_long_exception"}},
      {"content_encoding", {415, "media_type_header_exception"}},
      {"header_too_large", {431, "too_long_http_header_exception"}},
  };
  return kShapes;
}

Shape ByKind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kUnsupported:
    case ErrorKind::kLimit:
      return {400, "illegal_argument_exception"};
    case ErrorKind::kNotFound:
      return {404, "resource_not_found_exception"};
    case ErrorKind::kExists:
      return {400, "resource_already_exists_exception"};
    case ErrorKind::kConflict:
      return {409, "version_conflict_engine_exception"};
    case ErrorKind::kInUse:
      return {409, "illegal_state_exception"};
    case ErrorKind::kBusy:
      return {429, "rejected_execution_exception"};
    case ErrorKind::kUnauthenticated:
      return {401, "security_exception"};
    case ErrorKind::kForbidden:
      return {403, "security_exception"};
    case ErrorKind::kTimeout:
      return {503, "timeout_exception"};
    case ErrorKind::kUnavailable:
      return {503, "status_exception"};
    case ErrorKind::kCorrupt:
      return {500, "corrupt_index_exception"};
    case ErrorKind::kIo:
      return {500, "i_o_exception"};
    case ErrorKind::kInternal:
      return {500, "illegal_state_exception"};
  }
  return {500, "exception"};
}

Json Cause(std::string_view type, std::string reason) {
  Json cause;
  cause.Set("type", type);
  cause.Set("reason", std::move(reason));
  return cause;
}

// What the original says beside the reason in each case.
void AddDetails(const Error& error, const About& about, WireError* wire) {
  const std::string index = !about.index.empty() ? about.index : error.where;
  if (error.code == "no_collection") {
    wire->details.Set("index", error.where);
    wire->details.Set("resource.id", error.where);
    wire->details.Set("resource.type", about.resource_type);
    wire->details.Set("index_uuid", "_na_");
  } else if (error.code == "collection_exists" || error.code == "collection_name") {
    wire->details.Set("index", index);
    wire->details.Set("index_uuid", about.uuid.empty() ? "_na_" : about.uuid);
  } else if (error.code == "version_conflict" || error.code == "document_exists" ||
             error.code == "document_missing") {
    if (about.index.empty()) return;
    wire->details.Set("index", about.index);
    wire->details.Set("shard", "0");
    wire->details.Set("index_uuid", about.uuid);
  } else if (error.code == "unknown_query") {
    wire->caused_by = Cause("named_object_not_found_exception", "unknown field [" + error.got + "]");
  } else if (error.code == "field_parse") {
    const bool number = error.expected != "date" && error.expected != "boolean" &&
                        error.expected != "knn_vector" && error.expected != "text" &&
                        error.expected != "keyword" && error.expected != "object";
    wire->caused_by = Cause(number ? "number_format_exception" : "illegal_argument_exception", error.got);
  } else if (error.code == "not_object") {
    wire->caused_by = Cause("illegal_argument_exception", error.message);
    wire->reason = "failed to parse";
  }
}

// The original counts shards: an index here stands for one and its replica, that is nowhere.
std::string TooManyShards(const Error& error) {
  const int64_t now = 2 * format::ParseInt(error.got).value_or(0);
  return "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [" +
         std::to_string(now) + "]/[" + std::to_string(2 * limits::kMaxCollections) + "] maximum shards open;";
}

// The domain's sentence, with what was expected and found where that is not said already.
std::string ReasonOf(const Error& error) {
  std::string reason = error.message;
  if (error.code == "no_collection" && reason.rfind("no such index", 0) != 0)
    return "no such index [" + error.where + "]";
  if (error.code == "collections") return TooManyShards(error);
  if (error.code == "field_parse" || error.code == "unknown_query" || error.code == "not_object")
    return reason;
  const auto add = [&reason](const char* what, const std::string& text) {
    if (!text.empty() && reason.find(text) == std::string::npos)
      reason += std::string(", ") + what + " " + text;
  };
  add("expected", error.expected);
  if (!error.expected.empty()) add("got", error.got);
  if (error.code == "json") add("at", error.where);
  return reason;
}

}  // namespace

About AboutOf(const catalogue::Collection& collection) { return {collection.name, collection.uuid}; }

Error Typed(std::string_view type, std::string message) {
  return Error(ErrorKind::kInvalid, std::move(message)).Code(std::string(kTyped) + std::string(type));
}
Error IllegalArgument(std::string message) { return Typed("illegal_argument_exception", std::move(message)); }
Error NotThereYet(const std::string& what) {
  return Error(ErrorKind::kUnsupported, what + " is not supported yet").Code("unsupported_query");
}
Error RequestValidation(std::string message) {
  return Typed("action_request_validation_exception", "Validation Failed: 1: " + std::move(message) + ";");
}
Error ProcessorProperty(std::string_view processor, std::string_view property, std::string message) {
  return Error(ErrorKind::kInvalid, std::move(message))
      .Code(std::string(kProcessor) + std::string(processor))
      .Where(std::string(property));
}

WireError ToWire(const Error& error, const About& about) {
  WireError wire;
  wire.details = Json(Json::Object{});
  wire.reason = ReasonOf(error);
  const std::string_view code = error.code;
  if (code.substr(0, kTyped.size()) == kTyped) {
    wire.type = code.substr(kTyped.size());
    return wire;
  }
  if (code.substr(0, kProcessor.size()) == kProcessor) {
    wire.type = "parse_exception";
    wire.reason = error.message;
    const std::string_view processor = code.substr(kProcessor.size());
    if (!processor.empty()) wire.details.Set("processor_type", processor);
    if (!error.where.empty()) wire.details.Set("property_name", error.where);
    return wire;
  }
  const auto found = ByCode().find(code);
  const Shape shape = found != ByCode().end() ? found->second : ByKind(error.kind);
  wire.status = shape.status;
  wire.type = shape.type;
  AddDetails(error, about, &wire);
  return wire;
}

Json ErrorMember(const WireError& error) {
  Json member = Cause(error.type, error.reason);
  if (error.details.is_object()) {
    for (const auto& [key, value] : error.details.object()) member.Set(key, value);
  }
  if (!error.caused_by.is_null()) member.Set("caused_by", error.caused_by);
  return member;
}

Json ErrorBody(const WireError& error) {
  Json root = ErrorMember(error);
  root.Remove("caused_by");
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
  // The original repeats a plain argument error as the cause, and its own shard errors not.
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
  WireError wire = ToWire(error);
  if (status != 0) wire.status = status;
  net::Response response = net::Response::JsonText(wire.status, format::ToString(ErrorBody(wire)));
  if (wire.status == 401) response.headers.Set("WWW-Authenticate", "Basic realm=\"trine\"");
  return response;
}

}  // namespace trine::api::opensearch
