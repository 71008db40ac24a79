// The body of _bulk: newline-delimited actions and documents, read line by line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/opensearch/path_filter.h"
#include "base/result.h"
#include "operations/write/writer.h"

namespace trine::api::opensearch {

struct BulkItem {
  operations::WriteOp op;
  std::optional<SourceFilter> source;  // an update that wants its document back
  std::optional<Error> refused;        // fails by itself, before the writer sees it
};
// What the URL says for every action that does not say otherwise.
struct BulkDefaults {
  std::string index, routing, pipeline;
  bool require_alias = false;
  std::optional<SourceFilter> source;
};

// The items in order. A body that is not of the form is an error of the whole request, with the
// original's text and the line's number. Documents are kept as text and not parsed here. Thread-safe.
Result<std::vector<BulkItem>> ParseBulk(std::string_view body, const BulkDefaults& defaults);

// "index", "create", "update", "delete".
std::string_view ActionName(operations::WriteOp::Kind kind);

}  // namespace trine::api::opensearch
