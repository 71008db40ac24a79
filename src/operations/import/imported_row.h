// ImportedRow: one row of an import file as the object it describes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/json.h"
#include "history/history.h"

namespace trine::operations {

// One row that was read: exactly the part of its type is filled.
struct ImportedRow {
  uint64_t line = 0;  // on which the row began
  history::Event event;
  history::User user;
  std::string id;                   // items, documents
  format::Json attributes;          // items: upper-case columns; documents: the source
  std::vector<std::string> unread;  // optional columns whose values could not be read: "EVENT_VALUE '-'"
};

}  // namespace trine::operations
