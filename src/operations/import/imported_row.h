// ImportedRow: one row of an import, converted to an event, user, item or document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/json.h"
#include "history/history.h"

namespace trine::operations {

// The column of exported events that says whether an event is unverified (see history::Event). Files without
// it contain verified events.
inline constexpr std::string_view kUnverifiedColumn = "TRINE_UNVERIFIED";

// Only the members of the imported type are set.
struct ImportedRow {
  uint64_t line = 0;     // on which the row begins
  std::string_view raw;  // its text, valid during the call that passes the row
  history::Event event;
  history::User user;
  std::string id;                   // items, documents
  format::Json attributes;          // items: values by upper-case column name; documents: the source
  std::vector<std::string> unread;  // values of optional columns that could not be parsed: "EVENT_VALUE '-'"
};

}  // namespace trine::operations
