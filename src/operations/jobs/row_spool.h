// RowSpool: keeps the items of an import on disk until all of them are read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "format/json.h"
#include "storage/directory.h"

namespace trine::operations {

struct SpooledItem {
  std::string object;  // location of the file that it comes from
  uint64_t line = 0;
  std::string id;
  format::Json attributes;
  std::string raw;  // the text of the row, for the reject file
};

// A temporary file, which the destructor removes. Not thread-safe. Errors are those of the disk.
class RowSpool {
 public:
  RowSpool(std::string folder, std::string name);
  ~RowSpool();
  RowSpool(const RowSpool&) = delete;
  RowSpool& operator=(const RowSpool&) = delete;

  Status Add(const SpooledItem& item);
  // Visits all items in order. Nothing may be added afterwards. An error of `visit` ends the visit.
  Status Read(const std::function<Status(SpooledItem)>& visit);

 private:
  const std::string folder_, name_;
  std::unique_ptr<storage::Directory> directory_;
  std::unique_ptr<storage::WritableFile> file_;
  std::string buffer_;  // not written yet
};

}  // namespace trine::operations
