#include "api/opensearch/json/write_json.h"

#include <utility>

#include "api/opensearch/request/body_reader.h"
#include "base/check.h"

namespace trine::api::opensearch {

using format::Json;
using operations::WriteOp;
using operations::WriteOutcome;

Result<operations::RefreshPolicy> RefreshOf(const Call& call) {
  const std::string* value = call.Parameter("refresh");
  if (value == nullptr || *value == "false") return operations::RefreshPolicy::kNo;
  if (value->empty() || *value == "true") return operations::RefreshPolicy::kNow;
  if (*value == "wait_for") return operations::RefreshPolicy::kWait;
  return IllegalArgument("Unknown value for refresh: [" + *value + "].");
}

Status ApplyOptions(const WriteOptions& options, WriteOp* op) {
  if (options.if_seq_no.has_value() && *options.if_seq_no < 0)
    return IllegalArgument("sequence numbers must be non negative. got [" +
                           std::to_string(*options.if_seq_no) + "].");
  if (options.if_primary_term.has_value() && *options.if_primary_term <= 0)
    return IllegalArgument("primary term must be non negative. got [" +
                           std::to_string(*options.if_primary_term) + "]");
  if (options.if_seq_no && !options.if_primary_term)
    return RequestValidation("ifSeqNo is set, but primary term is [0]");
  if (!options.if_seq_no && options.if_primary_term)
    return RequestValidation("ifSeqNo is unassigned, but primary term is [" +
                             std::to_string(*options.if_primary_term) + "]");
  if (options.if_seq_no) {
    op->if_seq_no = static_cast<uint64_t>(*options.if_seq_no);
    op->if_primary_term = static_cast<uint64_t>(*options.if_primary_term);
  }
  if (options.version_type == "external" || options.version_type == "external_gt") {
    op->version_type = WriteOp::VersionType::kExternal;
  } else if (options.version_type == "external_gte") {
    op->version_type = WriteOp::VersionType::kExternalGte;
  } else if (options.version_type != "internal") {
    return IllegalArgument("No version type match [" + options.version_type + "]");
  }
  if (op->version_type == WriteOp::VersionType::kInternal) {
    if (!options.version) return Ok();
    return RequestValidation(
        "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and "
        "`if_primary_term` instead");
  }
  if (op->kind == WriteOp::Kind::kCreate)
    return RequestValidation("create operations only support internal versioning. use index instead");
  if (op->if_seq_no) return RequestValidation("compare and write operations can not use versioning");
  // INT64_MAX itself is rejected, because the next write could not increment the version.
  if (!options.version || *options.version < 0 || *options.version > INT64_MAX - 1)
    return RequestValidation("illegal version value [" + std::to_string(options.version.value_or(-3)) +
                             "] for version type [" +
                             (options.version_type == "external_gte" ? "EXTERNAL_GTE" : "EXTERNAL") + "]");
  op->version = static_cast<uint64_t>(*options.version);
  return Ok();
}

Status ApplyUpdateBody(const Json& body, WriteOp* op, std::optional<SourceFilter>* source) {
  TRINE_DCHECK(body.is_object());
  for (const auto& [key, value] : body.object()) {
    if (key == "doc") {
      op->doc = value;
    } else if (key == "upsert") {
      op->upsert = value;
    } else if (key == "doc_as_upsert" || key == "detect_noop") {
      const std::string text = value.is_bool() || value.is_string() ? ScalarText(value) : "";
      if (text != "true" && text != "false")
        return Error(ErrorCode::kRequestSyntax, "[UpdateRequest] failed to parse field [" + key + "]");
      (key == "detect_noop" ? op->detect_noop : op->doc_as_upsert) = text == "true";
    } else if (key == "_source") {
      if (value.is_null()) continue;
      TRINE_ASSIGN(SourceFilter filter, ParseSourceFilter(value, "_source"));
      if (source != nullptr && filter.fetch) *source = std::move(filter);
    } else if (key == "script" || key == "scripted_upsert") {
      if (value.is_bool() && !value.boolean()) continue;
      return NotSupported("[" + key + "] in an update");
    } else if (key != "lang") {
      return Error(ErrorCode::kRequestSyntax, "[UpdateRequest] unknown field [" + key + "]");
    }
  }
  if (op->doc.is_null()) {
    if (op->doc_as_upsert) return RequestValidation("doc must be specified if doc_as_upsert is enabled");
    return RequestValidation("script or doc is missing");
  }
  if (!op->doc.is_object() || (!op->upsert.is_null() && !op->upsert.is_object()))
    return Error(ErrorCode::kRequestSyntax,
                 "[UpdateRequest] doc doesn't support values of type: " + std::string(op->doc.type_name()));
  return Ok();
}

Json OutcomeJson(const WriteOutcome& outcome) {
  TRINE_CHECK(!outcome.error);
  using Kind = WriteOutcome::Result;
  const char* result = outcome.result == Kind::kCreated   ? "created"
                       : outcome.result == Kind::kUpdated ? "updated"
                       : outcome.result == Kind::kDeleted ? "deleted"
                       : outcome.result == Kind::kNoop    ? "noop"
                                                          : "not_found";
  Json shards, out;
  const bool nothing = outcome.result == Kind::kNoop;
  shards.Set("total", nothing ? 0 : 2);  // the shard and its unassigned replica
  shards.Set("successful", nothing ? 0 : 1);
  shards.Set("failed", 0);
  out.Set("_index", outcome.collection);
  out.Set("_id", outcome.id);
  out.Set("_version", outcome.version.version);
  out.Set("result", result);
  if (outcome.forced_refresh) out.Set("forced_refresh", true);
  out.Set("_shards", std::move(shards));
  out.Set("_seq_no", outcome.version.seq_no.value);
  out.Set("_primary_term", outcome.version.primary_term);
  return out;
}

int StatusOf(const WriteOutcome& outcome) {
  TRINE_DCHECK(!outcome.error);
  if (outcome.result == WriteOutcome::Result::kCreated) return 201;
  return outcome.result == WriteOutcome::Result::kNotFound ? 404 : 200;
}

Json UpdatedDocument(const WriteOutcome& outcome, const SourceFilter& filter) {
  TRINE_DCHECK(!outcome.error);
  Json get;
  get.Set("_seq_no", outcome.version.seq_no.value);
  get.Set("_primary_term", outcome.version.primary_term);
  get.Set("found", true);
  if (auto source = format::ParseJson(outcome.source); source.ok()) get.Set("_source", filter.Apply(*source));
  return get;
}

WireError OutcomeError(const catalogue::Catalogue& catalogue, const WriteOutcome& outcome) {
  TRINE_CHECK(outcome.error.has_value());
  ErrorContext about;
  if (const auto collection = catalogue.ResolveOne(outcome.collection); collection.ok())
    about = ContextOf(**collection);
  const Error& error = *outcome.error;
  WireError wire = ToWire(error, about);
  if (error.code == ErrorCode::kJsonSyntax ||
      error.code == ErrorCode::kJsonDepth) {  // the error is in the document, not in the request around it
    Json cause;
    cause.Set("type", "json_parse_exception");
    cause.Set("reason", wire.reason);
    wire.type = "mapper_parsing_exception";
    wire.reason = "failed to parse";
    wire.caused_by = std::move(cause);
  }
  return wire;
}

}  // namespace trine::api::opensearch
