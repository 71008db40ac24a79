// Shared by the document endpoints and _bulk: the options of a write, and its outcome as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/request/call.h"
#include "api/opensearch/request/path_filter.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "operations/write/writer.h"

namespace trine::api::opensearch {

// The `refresh` parameter.
Result<operations::RefreshPolicy> RefreshOf(const Call& call);

// Options of one write, from URL parameters or from a metadata line.
struct WriteOptions {
  std::optional<int64_t> if_seq_no, if_primary_term, version;
  std::string version_type = "internal";
};
// Checks the options against each other, reports errors with OpenSearch's texts, and puts them into `op`.
Status ApplyOptions(const WriteOptions& options, operations::WriteOp* op);

// Reads the body of an update (doc, upsert, doc_as_upsert, detect_noop, _source) into `op`. If the body
// requests the document back, `source` (may be nullptr) receives the filter.
Status ApplyUpdateBody(const format::Json& body, operations::WriteOp* op,
                       std::optional<SourceFilter>* source);

// These two return the answer to a write, {"_index", "_id", "_version", "result", ...}, and its HTTP status.
// They require a write that did not fail.
format::Json OutcomeJson(const operations::WriteOutcome& outcome);
int StatusOf(const operations::WriteOutcome& outcome);
// The `get` member of an update that requested the document.
format::Json UpdatedDocument(const operations::WriteOutcome& outcome, const SourceFilter& filter);
// Returns the error of a write that failed, with the name and UUID of the write's collection if it exists.
WireError OutcomeError(const catalogue::Catalogue& catalogue, const operations::WriteOutcome& outcome);

}  // namespace trine::api::opensearch
