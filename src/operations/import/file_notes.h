// FileNotes and ColumnNote: what an import finds out about its file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace trine::operations {

struct FileNotes {
  std::string encoding = "utf-8";  // as format::Utf8Source names it
  size_t skipped_lines = 0;        // before the header
  uint64_t repeated_headers = 0;   // rows that repeat the header, which are skipped
};

// The use of one column of the file.
struct ColumnNote {
  std::string source;         // the name in the file; empty for a constant
  std::string target;         // empty: the column is not imported
  std::string type;           // "number", "text", "time", "boolean", "id" and so on; empty if not imported
  std::string remark;         // why a column that is mostly numbers is text; usually empty
  std::string currency = {};  // ISO 4217: of the amounts of a column of numbers, if most have a sign
  // Amounts in other currencies than the column's, which were not imported, or in any if most amounts have no
  // sign: "3 in USD, the first on line 1203: $5". Usually empty.
  std::string other_currencies = {};
};

}  // namespace trine::operations
