// PendingWrite: one write on its way through a collection: what was asked, what it comes to, what became of
// it.
#pragma once

#include <optional>
#include <string>

#include "catalogue/record_store.h"
#include "operations/write/write_op.h"

namespace trine::operations {

struct PendingWrite {
  enum class Kind { kIndex, kCreate, kUpdate, kDelete, kItem } kind = Kind::kIndex;
  WriteOp op;      // all but items
  ItemWrite item;  // items
  bool replace = false;
  bool fill = false;              // items: only what the record lacks
  bool has_generated_id = false;  // the id is new and ours: nothing can be stored under it

  // Prepared: what will be stored, and the index's part of it.
  std::string id, source, routing, item_id;
  std::optional<MappedDocument> mapped;
  std::optional<SeqNo> based_on;  // update, item: the version that `source` was made from; none: no record
  bool noop = false;
  bool single = false;                        // an item of a hidden collection that no import brings
  bool prepared = false;                      // once at least, whatever came of it
  std::optional<catalogue::Binding> binding;  // as it was when `item_id` was made

  std::optional<Error> error;
  WriteOutcome outcome;

  bool failed() const { return error.has_value(); }
  // Whether the result depends on the stored record.
  bool reads_store() const { return kind == Kind::kUpdate || kind == Kind::kItem; }
};

}  // namespace trine::operations
