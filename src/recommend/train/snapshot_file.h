// SnapshotFile: rows of bytes in checksummed chunks, which carry events, users and items to the training
// process. Layout: docs/formats/model.md, "Snapshots".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/directory.h"

namespace trine::recommend {

// Not thread-safe. The reader rejects a file without its end marker, such as one left by a crash.
class SnapshotWriter {
 public:
  static Result<SnapshotWriter> Create(storage::Directory& dir, const std::string& name);
  Status Add(std::string_view row);
  // Writes the end marker with the number of rows, syncs and closes. Add must not be called afterwards.
  Status Finish();

 private:
  Status Flush();
  std::unique_ptr<storage::WritableFile> file_;
  std::string chunk_;
  uint64_t rows_ = 0;
};

// Calls `visit` with every row, in order, and returns their number. An error from `visit` stops the read and
// is returned. A kCorrupt error contains the file's path; rows before the damage may have been visited.
Result<uint64_t> ReadSnapshot(storage::Directory& dir, const std::string& name,
                              const std::function<Status(std::string_view)>& visit);
// ReadSnapshot for a snapshot in memory.
Result<uint64_t> ReadSnapshotBytes(std::string_view bytes,
                                   const std::function<Status(std::string_view)>& visit);

}  // namespace trine::recommend
