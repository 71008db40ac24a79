// Directory in the real file system.
#include "storage/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "storage/file_descriptor.h"

namespace trine::storage {
namespace {

// Appends are buffered up to this size before a write(2).
constexpr size_t kWriteBuffer = 64u << 10;

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(FileDescriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  ~PosixWritableFile() override { static_cast<void>(Close().ok()); }

  Status Append(std::string_view bytes) override {
    if (!fd_.open()) return Error(ErrorCode::kInternal, "cannot append to a closed file").Where(path_);
    if (buffer_.size() + bytes.size() <= kWriteBuffer) {
      buffer_ += bytes;
      return Ok();
    }
    TRINE_TRY(FlushBuffer());
    if (bytes.size() < kWriteBuffer) {
      buffer_ = bytes;
      return Ok();
    }
    return WriteAll(fd_, bytes, path_);
  }
  Status Sync() override {
    if (!fd_.open()) return Error(ErrorCode::kInternal, "cannot sync a closed file").Where(path_);
    TRINE_TRY(FlushBuffer());
    if (::fdatasync(fd_.get()) != 0) return SystemError("cannot sync a file", path_, errno);
    return Ok();
  }
  Status Close() override {
    if (!fd_.open()) return Ok();
    Status flushed = FlushBuffer();
    const bool closed = fd_.Close();
    const int why = errno;
    if (flushed.ok() && !closed) return SystemError("cannot close a file", path_, why);
    return flushed;
  }

 private:
  Status FlushBuffer() {
    if (buffer_.empty()) return Ok();
    TRINE_CHECK_LE(buffer_.size(), kWriteBuffer);
    const std::string bytes = std::exchange(buffer_, {});
    return WriteAll(fd_, bytes, path_);
  }

  FileDescriptor fd_;
  const std::string path_;
  std::string buffer_;
};

class MappedBytes final : public FileBytes {
 public:
  MappedBytes(void* data, size_t size) : data_(data), size_(size) {
    TRINE_CHECK_EQ(data == nullptr, size == 0);
  }
  ~MappedBytes() override {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  MappedBytes(const MappedBytes&) = delete;
  MappedBytes& operator=(const MappedBytes&) = delete;
  std::string_view bytes() const override { return {static_cast<const char*>(data_), size_}; }

 private:
  void* const data_;  // nullptr for an empty file, which cannot be mapped
  const size_t size_;
};

Status SyncFolder(const std::string& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return SystemError("cannot sync a folder", path, errno);
  return Ok();
}

// Creates a folder and makes its entry in the parent durable. An existing folder is not an error.
Status MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    return SyncFolder(parent.empty() ? "." : parent);
  }
  const int why = errno;
  struct stat st {};
  if (why == EEXIST && ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return Ok();
  return SystemError("cannot create a folder", path, why);
}

// Creates a folder and its parents, as far as they are missing.
Status MakeFolders(const std::filesystem::path& path) {
  std::filesystem::path so_far;
  for (const auto& part : path) {
    so_far /= part;
    if (part == "/" || part == ".." || part == ".") continue;
    TRINE_TRY(MakeFolder(so_far.string()));
  }
  return Ok();
}

// The error for what is not a file although its name is that of one: repeating the call does not help.
Error NotAFile(const std::string& path) {
  return Error(ErrorCode::kCorrupt, "not a regular file").Where(path);
}

class PosixDirectory final : public Directory {
 public:
  // `missing`: the folder does not exist, and is created before the first file in it.
  explicit PosixDirectory(std::string path, bool missing = false)
      : path_(std::move(path)), missing_(missing) {}

  Result<std::unique_ptr<WritableFile>> Create(const std::string& name) override {
    TRINE_TRY(CheckFileName(name));
    TRINE_TRY(MakeMissing());
    const std::string path = Of(name);
    // Unlink the old file instead of truncating it, so that existing mappings keep their bytes.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return SystemError("cannot replace a file", path, errno);
    FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.open()) return SystemError("cannot create a file", path, errno);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(std::move(fd), path));
  }

  Result<std::shared_ptr<const FileBytes>> Open(const std::string& name) override {
    TRINE_TRY(CheckFileName(name));
    const std::string path = Of(name);
    // Without O_NONBLOCK, opening a pipe waits for a process that writes to it.
    FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd.open() && errno == ENXIO) return NotAFile(path);  // a socket
    if (!fd.open()) return SystemError("cannot open a file", path, errno);
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return SystemError("cannot read a file's size", path, errno);
    if (!S_ISREG(st.st_mode)) return NotAFile(path);
    const auto size = static_cast<size_t>(st.st_size);
    void* data = nullptr;
    if (size > 0) {
      data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
      if (data == MAP_FAILED) return SystemError("cannot map a file", path, errno);
    }
    return std::shared_ptr<const FileBytes>(std::make_shared<MappedBytes>(data, size));
  }

  Status Rename(const std::string& from, const std::string& to) override {
    TRINE_TRY(CheckFileName(from));
    TRINE_TRY(CheckFileName(to));
    const auto rename = [this](const std::string& one, const std::string& other) {
      return ::rename(Of(one).c_str(), Of(other).c_str()) == 0;
    };
    if (rename(from, to)) return Ok();
    int why = errno;
    if (why == EISDIR) {  // a folder in the place of the file
      if (rename(to, to + ".broken") && rename(from, to)) return Ok();
      why = errno;
    }
    return SystemError("cannot rename a file", Of(from), why);
  }

  Status Remove(const std::string& name) override {
    TRINE_TRY(CheckFileName(name));
    if (::unlink(Of(name).c_str()) == 0) return Ok();
    if (errno == EISDIR) return NotAFile(Of(name));
    return SystemError("cannot remove a file", Of(name), errno);
  }

  Result<std::vector<std::string>> List() override { return Entries(false); }
  Result<std::vector<std::string>> ListFolders() override { return Entries(true); }
  Status Sync() override { return missing_ ? Ok() : SyncFolder(path_); }

  Result<std::unique_ptr<Directory>> Folder(const std::string& name) override {
    TRINE_TRY(CheckFileName(name));
    Status made = MakeMissing();
    if (made.ok()) made = MakeFolder(Of(name));
    // A link may lead to a disk that is not mounted, so it stays.
    struct stat st {};
    const bool replaced =
        !made.ok() && ::lstat(Of(name).c_str(), &st) == 0 && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode);
    if (replaced && ::rename(Of(name).c_str(), Of(name + ".broken").c_str()) == 0)
      made = MakeFolder(Of(name));
    if (!made.ok()) {
      std::error_code unknown;
      const bool there = std::filesystem::exists(Of(name), unknown);
      if (there || unknown || made.error().kind() == ErrorKind::kNotFound) return made.error();
    }
    return std::unique_ptr<Directory>(std::make_unique<PosixDirectory>(Of(name), !made.ok()));
  }

  Status RemoveFolder(const std::string& name) override {
    TRINE_TRY(CheckFileName(name));
    std::error_code failed;
    std::filesystem::remove_all(Of(name), failed);
    if (failed) return SystemError("cannot remove a folder", Of(name), failed.value());
    return Ok();
  }

  std::string path() const override { return path_; }

 private:
  std::string Of(const std::string& name) const { return path_ + "/" + name; }

  Status MakeMissing() {
    if (!missing_) return Ok();
    TRINE_TRY(MakeFolders(path_));
    missing_ = false;
    return Ok();
  }

  Result<std::vector<std::string>> Entries(bool folders) const {
    std::vector<std::string> names;
    if (missing_) return names;
    std::error_code failed;
    std::filesystem::directory_iterator at(path_, failed), end;
    while (!failed && at != end) {
      std::error_code gone;  // set if another process has removed the file meanwhile; skip it then
      const bool wanted = folders ? at->is_directory(gone) : at->is_regular_file(gone);
      std::string name = at->path().filename().string();
      if (wanted && CheckFileName(name).ok()) names.push_back(std::move(name));
      at.increment(failed);
    }
    if (failed) return SystemError("cannot list a folder", path_, failed.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  const std::string path_;
  std::atomic<bool> missing_;
};

// The path without "." parts and without a slash at its end.
std::filesystem::path NormalPath(const std::string& path) {
  std::filesystem::path whole = std::filesystem::path(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

}  // namespace

Status CheckFileName(const std::string& name) {
  const bool right = !name.empty() && name[0] != '.' && name.size() <= 255 &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '.' || c == '_' || c == '-';
                     });
  if (right) return Ok();
  return Error(ErrorCode::kInvalid, "not a valid file name")
      .Expected("[A-Za-z0-9._-]+ without a leading dot")
      .Got(name.substr(0, 80));
}

Result<std::unique_ptr<Directory>> OpenExistingDirectory(const std::string& path) {
  if (path.empty()) return Error(ErrorCode::kInvalid, "the folder path is empty");
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return SystemError("cannot open a folder", path, errno);
  if (!S_ISDIR(st.st_mode)) return SystemError("cannot open a folder", path, ENOTDIR);
  return std::unique_ptr<Directory>(std::make_unique<PosixDirectory>(NormalPath(path).string()));
}

Result<std::unique_ptr<Directory>> OpenDirectory(const std::string& path) {
  if (path.empty()) return Error(ErrorCode::kInvalid, "the folder path is empty");
  const std::filesystem::path whole = NormalPath(path);
  TRINE_TRY(MakeFolders(whole));
  return std::unique_ptr<Directory>(std::make_unique<PosixDirectory>(whole.string()));
}

Status WriteFileAtomically(Directory& dir, const std::string& name, std::string_view bytes) {
  const std::string temporary = name + ".tmp";
  Status done = [&]() -> Status {
    TRINE_ASSIGN(const auto file, dir.Create(temporary));
    TRINE_TRY(file->Append(bytes));
    TRINE_TRY(file->Sync());
    TRINE_TRY(file->Close());
    return dir.Rename(temporary, name);
  }();
  if (!done.ok()) {
    static_cast<void>(dir.Remove(temporary).ok());  // the caller gets the first error instead
    return done;
  }
  return dir.Sync();
}

}  // namespace trine::storage
