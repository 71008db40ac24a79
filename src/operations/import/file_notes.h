// FileNotes: what an import finds out about its file.
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

}  // namespace trine::operations
