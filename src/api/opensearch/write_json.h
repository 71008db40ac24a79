// What the document endpoints and _bulk share: options of a write, and its outcome as JSON.
#pragma once

#include <string>

#include "api/opensearch/errors.h"
#include "api/opensearch/handlers.h"
#include "api/opensearch/path_filter.h"
#include "operations/write/writer.h"

namespace trine::api::opensearch {

// The `refresh` parameter.
Result<operations::RefreshPolicy> RefreshOf(const Call& call);

// Options of one write, from URL parameters or from a metadata line.
struct WriteOptions {
  std::optional<int64_t> if_seq_no, if_primary_term, version;
  std::string version_type = "internal";
};
// Puts them into `op`, checked against each other with the original's texts.
Status ApplyOptions(const WriteOptions& options, operations::WriteOp* op);

// An update's body: doc, upsert, doc_as_upsert, detect_noop, _source. `source` (may be nullptr) gets
// the filter when the body asks for the document back.
Status ApplyUpdateBody(const format::Json& body, operations::WriteOp* op,
                       std::optional<SourceFilter>* source);

// {"_index", "_id", "_version", "result", ...} of a write that did not fail; the status of it.
format::Json OutcomeJson(const operations::WriteOutcome& outcome);
int StatusOf(const operations::WriteOutcome& outcome);
// The `get` member of an update that asked for the document.
format::Json UpdatedDocument(const operations::WriteOutcome& outcome, const SourceFilter& filter);
// The error of a write that failed, with the collection it is about.
WireError OutcomeError(const Services& services, const operations::WriteOutcome& outcome);

// _source, _source_includes, _source_excludes of a URL over `otherwise`; nullopt when none is given.
Result<std::optional<SourceFilter>> SourceParameters(const Call& call);

}  // namespace trine::api::opensearch
