// The body of _bulk: newline-delimited actions and documents, read line by line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/opensearch/request/path_filter.h"
#include "base/result.h"
#include "operations/write/writer.h"

namespace trine::api::opensearch {

struct BulkItem {
  operations::WriteOp op;
  std::optional<SourceFilter> source;  // set for an update that requests the updated document
  std::optional<Error> refused;        // the error of an item that is not passed to the writer
};
// Defaults from the URL for actions that do not set these values.
struct BulkDefaults {
  std::string index, routing, pipeline;
  bool require_alias = false;
  std::optional<SourceFilter> source;
};

// Returns the items in order. A malformed body is an error for the whole request, with OpenSearch's text and
// the line number. Documents are kept as text and not parsed here. Thread-safe.
Result<std::vector<BulkItem>> ParseBulk(std::string_view body, const BulkDefaults& defaults);

// The name of an action in a request: "index", "create", "update" or "delete".
std::string_view ActionName(operations::WriteOp::Kind kind);

}  // namespace trine::api::opensearch
