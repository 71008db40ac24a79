// Prepare: from what was asked to what will be stored: parses, merges and maps one write.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/record_store.h"
#include "operations/mapping/document_mapper.h"
#include "operations/write/pending_write.h"

namespace trine::operations {

// The newest record of an id, or nullopt when there is none.
using RecordLookup = std::function<Result<std::optional<catalogue::Record>>(std::string_view id)>;

// What preparing needs to know; all outlive the call. Thread-safe as long as `lookup` is.
struct PrepareDependencies {
  const DocumentMapper& mapper;
  const std::optional<catalogue::Binding>& binding;
  const catalogue::RecordStore& records;
  const RecordLookup& lookup;
};
// Fills the prepared part of `write`, or its error. May be called again when the record it was made
// from has changed.
void Prepare(const PrepareDependencies& deps, PendingWrite* write);
// Maps again what is prepared, by another mapping. Requires a source.
void Remap(const DocumentMapper& mapper, PendingWrite* write);

}  // namespace trine::operations
