// PendingWrite: one write while a collection processes it: the request, the record to store, and the result.
#pragma once

#include <optional>
#include <string>

#include "base/memory_budget.h"
#include "catalogue/record_store.h"
#include "operations/write/write_op.h"

namespace trine::operations {

// Not thread-safe; used by one thread at a time.
struct PendingWrite {
  enum class Kind { kIndex, kCreate, kUpdate, kDelete, kItem } kind = Kind::kIndex;
  WriteOp op;                           // set for every kind but kItem
  ItemWrite item;                       // kItem
  bool replace = false;                 // kItem: the given attributes replace all earlier ones
  std::optional<SeqNo> row_to_replace;  // replay: the row of an earlier version of the record
  bool fill_missing = false;            // kItem: sets only attributes that the record lacks
  bool is_stored = false;               // kIndex: the record was accepted earlier; only its row is missing
  bool has_generated_id = false;        // the id is new, so no record can have it

  // Set by Prepare: the record to store, and its index document.
  std::string id, source, routing, item_id;
  std::optional<MappedDocument> mapped;
  std::optional<SeqNo> based_on;  // kUpdate, kItem: the record that `source` was made from; nullopt: none
  bool noop = false;
  bool put_individually = false;              // see catalogue::Record
  bool prepared = false;                      // Prepare ran, successfully or not
  std::optional<catalogue::Binding> binding;  // from which `item_id` was derived
  MemoryHold memory;                          // for a large stored document that was read

  std::optional<Error> error;
  WriteOutcome outcome;

  bool failed() const { return error.has_value(); }
  // Whether the result depends on the stored record.
  bool reads_store() const { return kind == Kind::kUpdate || kind == Kind::kItem; }
  // Whether the outcome has the updated document.
  bool wants_source() const { return kind == Kind::kUpdate && op.wants_source; }
};

}  // namespace trine::operations
