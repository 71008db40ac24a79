#include "operations/jobs/reject_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/utf8.h"
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

// Characters that end a value in CSV and JSON rows, besides quotes.
constexpr std::string_view kDelimiters = ",;|:\t\r\n'{}[] ";

// The value of the four hexadecimal digits at `at`; nullopt if there are none.
std::optional<char32_t> HexUnit(std::string_view text, size_t at) {
  uint32_t unit = 0;
  if (at + 4 > text.size()) return std::nullopt;
  const char* const first = text.data() + at;
  const auto [end, failed] = std::from_chars(first, first + 4, unit, 16);
  if (failed != std::errc() || end != first + 4) return std::nullopt;
  return unit;
}

// Appends the character of a JSON escape whose four digits begin at `at`, and returns where the text goes on.
size_t AppendEscaped(std::string_view text, size_t at, std::string* out) {
  const auto high = HexUnit(text, at);
  if (!high) return at;
  at += 4;
  if (*high >= 0xd800 && *high < 0xdc00 && text.substr(at).starts_with("\\u")) {
    const auto low = HexUnit(text, at + 2);
    if (low && *low >= 0xdc00 && *low < 0xe000) {
      AppendUtf8(0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00), out);
      return at + 6;
    }
  }
  AppendUtf8(*high, out);
  return at;
}

// Returns the text without quotes and backslashes, and with the characters that JSON escapes stand for: rows
// quote and escape a value in different ways, and twice in a reject file.
std::string Unquoted(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '"') continue;
    if (c != '\\') {
      plain += c;
    } else if (at < text.size() && text[at] == 'u') {
      at = AppendEscaped(text, at + 1, &plain);
    }
  }
  return plain;
}

// Finds ids in the text of reject files, in a time that hardly depends on the number of ids.
class IdFinder {
 public:
  explicit IdFinder(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      std::string plain = Unquoted(id);
      plain.erase(0, plain.find_first_not_of(kDelimiters));
      if (plain.empty()) continue;
      if (plain.find_first_of(kDelimiters) != std::string::npos) lengths_.insert(plain.size());
      ids_.insert(std::move(plain));
    }
  }
  bool IsIn(std::string_view text) const {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      if (IsInLine(Unquoted(text.substr(at, end - at)))) return true;
      at = end + 1;
    }
    return false;
  }

 private:
  bool IsInLine(std::string_view line) const {
    for (size_t at = 0; at < line.size();) {
      const size_t end = std::min(line.find_first_of(kDelimiters, at), line.size());
      if (end > at && Begins(line.substr(at), end - at)) return true;
      at = end + 1;
    }
    return false;
  }
  // Whether the first word of the text, or more than that, is an id.
  bool Begins(std::string_view text, size_t word) const {
    if (ids_.contains(text.substr(0, word))) return true;
    for (const size_t length : lengths_) {
      if (length > word && length <= text.size() && ids_.contains(text.substr(0, length))) return true;
    }
    return false;
  }

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> ids_;  // unquoted, from their first word on
  std::set<size_t> lengths_;  // in bytes, of those that consist of several words
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

Status RemoveRejectFile(const std::string& folder, const std::string& name) {
  const auto directory = storage::OpenExistingDirectory(folder);
  if (!directory.ok() && directory.error().kind() == ErrorKind::kNotFound) return Ok();
  if (!directory.ok()) return directory.error();
  const Status removed = (*directory)->Remove(name + std::string(kRejectFileEnding));
  if (!removed.ok()) return removed.error().kind() == ErrorKind::kNotFound ? Ok() : removed;
  return (*directory)->Sync();
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
