// Prepare: parses, merges and maps one write, so that it can be stored and indexed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/memory_budget.h"
#include "base/result.h"
#include "catalogue/record_store.h"
#include "operations/mapping/document_mapper.h"
#include "operations/write/pending_write.h"

namespace trine::operations {

// Returns the newest record with an id; nullopt if there is none.
using RecordLookup = std::function<Result<std::optional<catalogue::Record>>(std::string_view id)>;

// The services of Prepare. All of them must outlive the call. Prepare is thread-safe if `lookup` is.
struct PrepareDependencies {
  const DocumentMapper& mapper;
  const std::optional<catalogue::Binding>& binding;
  const catalogue::RecordStore& records;
  const RecordLookup& lookup;
  MemoryBudget* memory = nullptr;  // nullptr: unbounded
};
// The memory that an operation takes while it is written, estimated. One that reads the stored document, as
// ItemWrite does, is assumed to find a small one.
size_t MemoryOf(const WriteOp& op);
size_t MemoryOfItem();
// Fills in the prepared members of `write`, or its error. Reserves memory for a stored document that is not
// small; without memory for it, the error is the budget's kBusy. May be called again if the record that the
// write was made from has changed.
void Prepare(const PrepareDependencies& deps, PendingWrite* write);
// Maps a prepared write again, with another mapping. Requires a source that Prepare accepted.
void Remap(const DocumentMapper& mapper, PendingWrite* write);

}  // namespace trine::operations
