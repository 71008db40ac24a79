// Errors in OpenSearch's format: one table from error codes to status and type, and the JSON bodies.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::opensearch {

// One error with everything its body needs. Plain data.
struct WireError {
  int status = 400;
  std::string type, reason;
  format::Json details;    // object: members after the reason, in order ("index", "resource.id" ...)
  format::Json caused_by;  // null: none
};

// The index that an error is about. Members that the caller does not know are empty and are omitted from the
// answer.
struct ErrorContext {
  std::string index, uuid;
  std::string_view resource_type = "index_or_alias";  // "index_expression" for reads of a single document
};
ErrorContext ContextOf(const catalogue::Collection& collection);

WireError ToWire(const Error& error, const ErrorContext& about = {});
// {"type", "reason", details, "caused_by"}: the error of a bulk item.
format::Json ErrorMember(const WireError& error);
// {"error": {"root_cause": [...], "type", ...}, "status": N}
format::Json ErrorBody(const WireError& error);

// The body for an error that OpenSearch detects on a shard: a failed search with the error as its cause.
// `collection` may be nullptr; the failed shard then has no index name.
format::Json ShardFailureBody(const WireError& cause, const catalogue::Collection* collection,
                              std::string_view node);
// The body for an error that OpenSearch detects when it combines the shards' results.
format::Json PhaseFailureBody(const WireError& cause);

// An error in OpenSearch's format. If `status` is 0, the error determines the status; the HTTP server passes
// a status for requests that it rejects.
net::Response ErrorResponse(const Error& error, int status = 0);

// The answer to every request before the stored state is loaded: status 503 with the block that OpenSearch
// reports until its cluster state is recovered. `progress` says how far the start has come.
net::Response NotRecoveredResponse(const std::string& progress);

// An error with this message that clients see as a 400 "illegal_argument_exception".
Error IllegalArgument(std::string message);
// For an OpenSearch feature that is not implemented; `what` names it in full ("[fields] in a search").
Error NotSupported(const std::string& what);
// An error that clients see as "Validation Failed: 1: index is missing;" if the message is "index is
// missing".
Error RequestValidation(std::string message);
// An error in a property of a pipeline processor. In the Error, the processor is stored as `got` and the
// property as `where`; either may be empty.
Error ProcessorProperty(std::string_view processor, std::string_view property, std::string message);

}  // namespace trine::api::opensearch
