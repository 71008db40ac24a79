// WriteOp and WriteOutcome: a write operation, and its result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::operations {

// Whether a write refreshes the index. kNo: it does not. kNow: it returns after a refresh of its own. kWait:
// it does not, and its caller answers after the next refresh (Writer::WhenSearchable).
enum class RefreshPolicy { kNo, kNow, kWait };

struct WriteOp {
  enum class Kind { kIndex, kCreate, kUpdate, kDelete } kind = Kind::kIndex;
  std::string collection;  // name or alias
  std::string id;          // empty: one is generated (kIndex and kCreate only)
  std::string source;      // JSON object text (index, create)
  std::string routing;
  std::optional<uint64_t> if_seq_no, if_primary_term;
  enum class VersionType { kInternal, kExternal, kExternalGte } version_type = VersionType::kInternal;
  std::optional<uint64_t> version;  // external version types
  bool require_alias = false;
  // kUpdate: a partial document to merge into the stored one, and the document to store if there is none.
  format::Json doc, upsert;  // null: absent
  bool doc_as_upsert = false, detect_noop = true;
  bool wants_source = true;  // kUpdate: whether the outcome has the updated document
  int retry_on_conflict = 0;
};

struct WriteOutcome {
  enum class Result { kCreated, kUpdated, kDeleted, kNoop, kNotFound } result = Result::kCreated;
  std::string collection, id;
  catalogue::RecordVersion version;
  bool forced_refresh = false;
  std::optional<Error> error;  // kVersionConflict, kDocumentExists, kDocumentMissing, kDocumentId,
                               // kCollectionNotFound, kAliasRequired, kFieldParse, kStrictMapping ...
  std::string source;          // the updated document, if the operation wants it
};

// The attributes of one item of a dataset group: upper-case column -> scalar.
struct ItemWrite {
  std::string id;
  format::Json attributes;
  // True: the item's other attributes are removed. In a hidden collection, these are all other members of the
  // record; in a visible one, the fields that the binding maps, and the members with the names in `columns`.
  bool whole = false;
  std::vector<std::string> columns = {};
};

}  // namespace trine::operations
