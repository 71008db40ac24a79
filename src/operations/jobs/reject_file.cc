#include "operations/jobs/reject_file.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "format/csv.h"
#include "operations/jobs/object_source.h"

namespace trine::operations {
namespace {

constexpr uint64_t kMaxRows = 100'000;  // limits the file if every row of a large import is invalid
constexpr size_t kKeptFiles = 100;      // limits the folder if a failing import is repeated for months
constexpr size_t kBufferBytes = 256u << 10;

// Removes the oldest reject files, so that one more fits. A file that vanishes meanwhile is not an error.
void RemoveOldFiles(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
    std::error_code gone;
    const fs::file_time_type written = it->last_write_time(gone);
    if (!gone && it->path().filename().string().ends_with(kRejectFileEnding))
      files.emplace_back(written, it->path());
  }
  std::sort(files.begin(), files.end());
  for (size_t i = 0; i + kKeptFiles <= files.size(); ++i) fs::remove(files[i].second, failed);
}

// Characters that end a value in CSV and JSON rows.
constexpr std::string_view kDelimiters = ",;|:\t\r\n\"\\'{}[] ";

// Finds ids in the text of reject files.
class IdFinder {
 public:
  explicit IdFinder(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      if (id.empty()) continue;
      if (id.find_first_of(kDelimiters) == std::string::npos)
        words_.insert(id);
      else
        texts_.push_back(id);
    }
  }
  bool IsIn(std::string_view text) const {
    for (const std::string_view id : texts_) {
      if (text.find(id) != std::string_view::npos) return true;
    }
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find_first_of(kDelimiters, at), text.size());
      if (end > at && words_.contains(text.substr(at, end - at))) return true;
      at = end + 1;
    }
    return false;
  }

 private:
  std::unordered_set<std::string_view> words_;  // of the ids without a delimiter
  std::vector<std::string_view> texts_;
};

}  // namespace

Status RemoveRejectsOf(const std::string& folder, const std::vector<std::string>& ids) {
  std::error_code failed;
  if (!std::filesystem::exists(folder, failed)) return Ok();
  TRINE_ASSIGN(const std::unique_ptr<storage::Directory> directory, storage::OpenDirectory(folder));
  TRINE_ASSIGN(const std::vector<std::string> names, directory->List());
  const IdFinder finder(ids);
  bool removed = false;
  for (const std::string& name : names) {
    if (!name.ends_with(kRejectFileEnding)) continue;
    const auto file = directory->Open(name);
    if (!file.ok() && file.error().kind() == ErrorKind::kNotFound) continue;  // an import has replaced it
    TRINE_TRY(file);
    if (!finder.IsIn((*file)->bytes())) continue;
    TRINE_TRY(directory->Remove(name));
    removed = true;
  }
  return removed ? directory->Sync() : Ok();
}

RejectFile::RejectFile(std::string folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name).append(kRejectFileEnding)) {}

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
