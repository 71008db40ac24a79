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
  std::optional<SourceFilter> source;  // for an update that requests the document
  std::optional<Error> refused;        // rejected before the writer sees it
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

// "index", "create", "update", "delete".
std::string_view ActionName(operations::WriteOp::Kind kind);

}  // namespace trine::api::opensearch
