// SnapshotFile: rows of bytes in checksummed chunks: how events, users and items travel to the
// training process. Layout: docs/formats/model.md, "Snapshots".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/directory.h"

namespace trine::recommend {

// Not thread-safe. A file without its end (a crash while writing) is refused by the reader.
class SnapshotWriter {
 public:
  static Result<SnapshotWriter> Create(storage::Directory& dir, const std::string& name);
  Status Add(std::string_view row);
  Status Finish();  // the end with the number of rows, synced

 private:
  Status Flush();
  std::unique_ptr<storage::WritableFile> file_;
  std::string chunk_;
  uint64_t rows_ = 0;
};

// Gives every row to `visit`, in order; returns their number. kCorrupt names the file.
Result<uint64_t> ReadSnapshot(storage::Directory& dir, const std::string& name,
                              const std::function<Status(std::string_view)>& visit);
// The same of bytes in memory.
Result<uint64_t> ReadSnapshotBytes(std::string_view bytes,
                                   const std::function<Status(std::string_view)>& visit);

}  // namespace trine::recommend
