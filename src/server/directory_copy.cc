#include "server/directory_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/directory_check.h"
#include "storage/file_descriptor.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;
using storage::FileDescriptor;
using storage::SystemError;

constexpr size_t kChunk = 1u << 20;

// Files that belong to the process that has the store open, not to its content.
bool IsTransient(std::string_view name) {
  return name == "trine.lock" || name == "trine.reserve" || name == "LOCK" || name.starts_with("LOG") ||
         name.ends_with(".dbtmp") || name.ends_with(".tmp") || name.ends_with(".broken");
}

struct Sum {
  uint64_t bytes = 0;
  uint32_t crc = 0;
  bool operator==(const Sum&) const = default;
};

// Reads a file to its end and passes each chunk to `take`, which may be empty.
Result<Sum> ReadFile(const FileDescriptor& in, const std::string& path,
                     const std::function<Status(std::string_view)>& take) {
  std::string chunk(kChunk, '\0');
  Sum sum;
  while (true) {
    const ssize_t n = ::read(in.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("cannot read a file", path, errno);
    if (n == 0) return sum;
    const std::string_view bytes(chunk.data(), static_cast<size_t>(n));
    sum.bytes += bytes.size();
    sum.crc = storage::Crc32c(bytes, sum.crc);
    if (take) TRINE_TRY(take(bytes));
  }
}

Result<FileDescriptor> OpenToRead(const std::string& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.open()) return SystemError("cannot open a file", path, errno);
  return fd;
}

Status CopyFile(const std::string& from, const std::string& to) {
  TRINE_ASSIGN(const FileDescriptor in, OpenToRead(from));
  FileDescriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.open()) return SystemError("cannot create a file", to, errno);
  TRINE_ASSIGN(const Sum read,
               ReadFile(in, from, [&](std::string_view bytes) { return storage::WriteAll(out, bytes, to); }));
  if (::fsync(out.get()) != 0) return SystemError("cannot sync a file", to, errno);
  if (!out.Close()) return SystemError("cannot close a file", to, errno);
  TRINE_ASSIGN(const FileDescriptor copy, OpenToRead(to));
  // The pages were just written, so without this the comparison would read the memory, not the disk.
  static_cast<void>(::posix_fadvise(copy.get(), 0, 0, POSIX_FADV_DONTNEED));
  TRINE_ASSIGN(const Sum written, ReadFile(copy, to, {}));
  if (written == read) return Ok();
  return Error(ErrorCode::kCorrupt, "the copy of a file differs from the file")
      .Expected(std::to_string(read.bytes) + " bytes with checksum " + std::to_string(read.crc))
      .Got(std::to_string(written.bytes) + " bytes with checksum " + std::to_string(written.crc))
      .Where(to);
}

Status SyncFolder(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return SystemError("cannot sync a folder", path, errno);
  return Ok();
}

// Copies the files of one folder; a missing folder has none. Adds the paths of other entries to `skipped`.
Status CopyFolder(const std::string& from, const std::string& to, std::vector<std::string>* skipped) {
  if (::mkdir(to.c_str(), 0700) != 0) return SystemError("cannot create a folder", to, errno);
  std::error_code failed;
  if (!fs::exists(from, failed)) return SyncFolder(to);
  fs::directory_iterator entries(from, failed), end;
  for (; !failed && entries != end; entries.increment(failed)) {
    const std::string name = entries->path().filename().string();
    std::error_code unknown;
    if (IsTransient(name)) continue;
    // The check before has found every file that the store needs, so nothing else is lost.
    if (!entries->is_regular_file(unknown)) {
      skipped->push_back(entries->path().string());
      continue;
    }
    TRINE_TRY(CopyFile(entries->path().string(), to + "/" + name));
  }
  if (failed) return SystemError("cannot list a folder", from, failed.value());
  return SyncFolder(to);
}

Status VerifyStore(const std::string& path) {
  storage::KeyValueOptions options;
  options.read_only = true;
  TRINE_ASSIGN(const auto copy, storage::OpenKeyValue(path, options));
  return copy->VerifyChecksums();
}

}  // namespace

Status CopyKeptFiles(DataDirectory& from, const std::string& korean_dictionary, const std::string& to,
                     const CopyOptions& options, CopyReport* report) {
  TRINE_ASSIGN(DirectoryReport checked, CheckKeptFiles(from, korean_dictionary));
  const bool refused = !checked.broken.empty() || (!checked.lost.empty() && !options.allow_lost);
  if (refused) {
    std::string all;
    for (const auto& list : {checked.broken, checked.lost}) {
      for (const std::string& one : list) all += (all.empty() ? "" : "; ") + one;
    }
    if (checked.broken.empty()) all += "; copy what is left with --allow-lost";
    return Error(ErrorCode::kCorrupt, "the files to be copied are damaged, so nothing was copied: " + all)
        .Where(from.root->path());
  }
  std::vector<std::string> skipped;
  for (const char* folder : {"facts", "models"}) {
    TRINE_TRY(CopyFolder(from.root->path() + "/" + folder, to + "/" + folder, &skipped));
  }
  TRINE_TRY(VerifyStore(to + "/facts"));
  TRINE_TRY(SyncFolder(to));
  TRINE_TRY(CopyFile(from.root->path() + "/format", to + "/format"));
  if (report != nullptr) *report = {std::move(skipped), std::move(checked.lost)};
  return SyncFolder(to);
}

}  // namespace trine::server
