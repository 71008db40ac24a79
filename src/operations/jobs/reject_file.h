// RejectFile: the CSV file in which an import job keeps the rows that it rejected.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/directory.h"

namespace trine::operations {

inline constexpr std::string_view kRejectFileEnding = ".rejects.csv";

// One file for one run of a job, created for the first rejected row: object, line, reason, row. It holds at
// most 100,000 rows, and its last line says how many more there were. The folder keeps the files of the
// newest 100 runs. Not thread-safe.
//
// Every failure to write is returned as kIo or kNoSpace, so that no rejected row is lost without an error.
class RejectFile {
 public:
  // `name` is the name of the job's file in `folder`, without an ending. Replaces the file of an earlier run.
  RejectFile(std::string folder, std::string name);
  Status Add(const std::string& object, uint64_t line, const std::string& raw, const Error& why);
  // Completes the file. Call it before the file is announced; nothing may be added afterwards.
  Status Finish();

  uint64_t rows() const { return rows_; }              // that were added
  const std::string& first() const { return first_; }  // "rows.csv line 7: ITEM_ID is empty"
  std::string path() const { return folder_ + "/" + name_; }

 private:
  Status Create();
  Status Write(const std::vector<std::string>& row);

  const std::string folder_, name_;
  std::unique_ptr<storage::WritableFile> file_;
  std::string buffer_;  // not written yet
  std::string first_;
  uint64_t rows_ = 0;
};

// Removes the reject file that was made with this name. A missing file or folder is not an error.
Status RemoveRejectFile(const std::string& folder, const std::string& name);

// Removes the reject files in `folder` that contain one of these ids of people as a whole value, however it
// is quoted or escaped. Other values that are equal to an id lead to the removal, too. A missing folder is
// not an error.
Status RemoveRejectsOf(const std::string& folder, const std::vector<std::string>& ids);

}  // namespace trine::operations
