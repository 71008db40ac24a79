// Optimistic concurrency: whether a write may be applied to the newest version of its id.
#pragma once

#include <optional>

#include "catalogue/record_store.h"
#include "operations/write/write_op.h"

namespace trine::operations {

// `now` is the newest version of the id, tombstones included; nullopt: never written. Checks sequence
// numbers, external versions and, for creates, absence. kVersionConflict or
// kDocumentExists.
Status CheckVersion(const WriteOp& op, std::string_view id,
                    const std::optional<catalogue::RecordVersion>& now);

// The version number to store: the external one, which may be 0, or nullopt for "one more".
std::optional<uint64_t> VersionToStore(const WriteOp& op);

// kDocumentId for an id that is empty or too long.
Status CheckId(std::string_view id);

Error MissingDocument(std::string_view id);

}  // namespace trine::operations
