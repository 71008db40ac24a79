#include "operations/jobs/reject_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "format/csv.h"
#include "operations/jobs/object_source.h"

namespace trine::operations {
namespace {

constexpr uint64_t kMaxRows = 100'000;  // limits the file if every row of a large import is invalid
constexpr size_t kKeptFiles = 100;      // limits the folder if a failing import is repeated for months
constexpr size_t kBufferBytes = 256u << 10;
constexpr const char* kEnding = ".rejects.csv";

// Removes the oldest reject files, so that one more fits. A file that vanishes meanwhile is not an error.
void RemoveOldFiles(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
    std::error_code gone;
    const fs::file_time_type written = it->last_write_time(gone);
    if (!gone && it->path().filename().string().ends_with(kEnding)) files.emplace_back(written, it->path());
  }
  std::sort(files.begin(), files.end());
  for (size_t i = 0; i + kKeptFiles <= files.size(); ++i) fs::remove(files[i].second, failed);
}

}  // namespace

RejectFile::RejectFile(std::string folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name) + kEnding) {}

Status RejectFile::Create() {
  TRINE_ASSIGN(const std::unique_ptr<storage::Directory> directory, storage::OpenDirectory(folder_));
  RemoveOldFiles(folder_);
  TRINE_ASSIGN(file_, directory->Create(name_));
  return Write({"object", "line", "reason", "row"});
}

Status RejectFile::Write(const std::vector<std::string>& row) {
  format::AppendCsvRow(row, &buffer_);
  if (buffer_.size() < kBufferBytes) return Ok();
  return file_->Append(std::exchange(buffer_, {}));
}

Status RejectFile::Add(const std::string& object, uint64_t line, const std::string& raw, const Error& why) {
  if (rows_++ == 0) {
    first_ = ObjectName(object) + " line " + std::to_string(line) + ": " + why.ToString();
    TRINE_TRY(Create());
  }
  TRINE_CHECK(file_ != nullptr);
  if (rows_ > kMaxRows) return Ok();
  return Write({object, std::to_string(line), why.ToString(), raw});
}

Status RejectFile::Finish() {
  if (file_ == nullptr) return Ok();
  if (rows_ > kMaxRows)
    TRINE_TRY(Write({"", "", std::to_string(rows_ - kMaxRows) + " more rows were rejected", ""}));
  TRINE_TRY(file_->Append(std::exchange(buffer_, {})));
  return std::exchange(file_, nullptr)->Close();
}

}  // namespace trine::operations
