// Errors as this wire shows them: one table from the codes of errors to a status and a type,
// and the shapes of the bodies.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::api::opensearch {

// One error with everything its body needs. Plain data.
struct WireError {
  int status = 400;
  std::string type, reason;
  format::Json details;    // object: members after the reason, in order ("index", "resource.id" ...)
  format::Json caused_by;  // null: none
};

// What an error is about, as far as the caller knows; empty parts are left out.
struct About {
  std::string index, uuid;
  std::string_view resource_type = "index_or_alias";  // "index_expression" where one document is read
};
About AboutOf(const catalogue::Collection& collection);

WireError ToWire(const Error& error, const About& about = {});
// {"type", "reason", details, "caused_by"}: the error of a bulk item.
format::Json ErrorMember(const WireError& error);
// {"error": {"root_cause": [...], "type", ...}, "status": N}
format::Json ErrorBody(const WireError& error);

// An error that the original finds on a shard: wrapped as a failed search with its cause inside.
// `collection` may be nullptr (then the first failed shard names no index).
format::Json ShardFailureBody(const WireError& cause, const catalogue::Collection* collection,
                              std::string_view node);
// An error that the original finds when the shards' answers are put together.
format::Json PhaseFailureBody(const WireError& cause);

// Errors of requests that this wire itself refuses.
Error IllegalArgument(std::string message);
// The original knows it and this engine does not yet; `what` names it whole ("[fields] of a search").
Error NotThereYet(const std::string& what);
// "Validation Failed: 1: index is missing;"
Error RequestValidation(std::string message);
// A property of a pipeline processor: `got` is the processor, `where` the property; both may be empty.
Error ProcessorProperty(std::string_view processor, std::string_view property, std::string message);

}  // namespace trine::api::opensearch
