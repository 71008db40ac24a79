// ImportedRow: one row of an import as the object that it describes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/json.h"
#include "history/history.h"

namespace trine::operations {

// Only the members of the imported type are set.
struct ImportedRow {
  uint64_t line = 0;  // on which the row began
  history::Event event;
  history::User user;
  std::string id;                   // items, documents
  format::Json attributes;          // items: upper-case columns; documents: the source
  std::vector<std::string> unread;  // values of optional columns that could not be parsed: "EVENT_VALUE '-'"
};

}  // namespace trine::operations
