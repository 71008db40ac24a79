// Optimistic concurrency: checks whether a write may be applied to the newest version of its document.
#pragma once

#include <optional>

#include "catalogue/record_store.h"
#include "operations/write/write_op.h"

namespace trine::operations {

// Checks the sequence number, the external version and, for a create, that the document does not exist. `now`
// is the newest version of the id, tombstones included; nullopt: never written. Returns kVersionConflict or
// kDocumentExists.
Status CheckVersion(const WriteOp& op, std::string_view id,
                    const std::optional<catalogue::RecordVersion>& now);

// The version number to store: the external one, which may be 0, or nullopt to increment the stored one.
std::optional<uint64_t> VersionToStore(const WriteOp& op);

// Returns kDocumentId if the id is empty or too long.
Status CheckId(std::string_view id);

Error MissingDocument(std::string_view id);

}  // namespace trine::operations
