// ObjectStore for local folders. Every path component inside an allowed folder is opened relative to its
// parent's descriptor and never through a symbolic link, so neither a link nor a race can lead outside.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "storage/file_descriptor.h"
#include "storage/object_store.h"

namespace trine::storage {
namespace {

constexpr size_t kPieceBytes = 256u << 10;
constexpr size_t kMaxListed = 100'000;  // more files than an import folder should contain
constexpr size_t kMaxFolderDepth = 32;

// A location in two parts: `root` is the allowed folder that contains it, and `parts` are the path components
// below that folder. No component is empty or "..".
struct ResolvedLocation {
  std::string root;
  std::vector<std::string> parts;
  bool folder = false;  // the location ended in '/'
};

Error SymlinkError(const std::string& location) {
  return Error(ErrorCode::kForbidden, "symbolic links in file:// locations are not followed").Where(location);
}

Error PathError(std::string what, const std::string& location, int why) {
  // openat with O_NOFOLLOW fails with ELOOP on a symbolic link, but with ENOTDIR if O_DIRECTORY is set too.
  // OpenFolder detects the second case itself.
  if (why == ELOOP) return SymlinkError(location);
  return SystemError(std::move(what), location, why);
}

class FileObjectStore final : public ObjectStore {
 public:
  explicit FileObjectStore(const std::vector<std::string>& folders) {
    for (const std::string& folder : folders) {
      std::error_code failed;
      auto path = std::filesystem::absolute(folder, failed).lexically_normal().string();
      while (path.size() > 1 && path.ends_with('/')) path.pop_back();
      if (!failed) folders_.push_back(std::move(path));
    }
  }

  Status Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
             const Deadline& deadline) override {
    TRINE_ASSIGN(const ResolvedLocation resolved, Resolve(location));
    if (resolved.parts.empty() || resolved.folder) {
      return Error(ErrorCode::kInvalid, "the location is a folder, not a file").Where(location);
    }
    TRINE_ASSIGN(const FileDescriptor parent,
                 OpenFolder(resolved, resolved.parts.size() - 1, false, location));
    const std::string& name = resolved.parts.back();
    // O_NONBLOCK, because opening a FIFO would wait for its writer.
    const FileDescriptor fd(
        ::openat(parent.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd.open()) return PathError("cannot open a file", location, errno);
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return SystemError("cannot read a file's metadata", location, errno);
    if (!S_ISREG(st.st_mode)) return Error(ErrorCode::kInvalid, "not a regular file").Where(location);
    std::string piece(kPieceBytes, '\0');
    for (;;) {
      TRINE_TRY(deadline.Check("reading a file"));
      const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return SystemError("cannot read a file", location, errno);
      if (n == 0) return Ok();
      TRINE_TRY(sink(std::string_view(piece.data(), static_cast<size_t>(n))));
    }
  }

  Status Put(const std::string& location, std::string_view bytes, const Deadline& deadline) override {
    TRINE_ASSIGN(const ResolvedLocation resolved, Resolve(location));
    if (resolved.parts.empty() || resolved.folder) {
      return Error(ErrorCode::kInvalid, "the location is a folder, not a file").Where(location);
    }
    TRINE_TRY(deadline.Check("writing a file"));
    TRINE_ASSIGN(const FileDescriptor parent,
                 OpenFolder(resolved, resolved.parts.size() - 1, true, location));
    const std::string temporary =
        ".trine-" + std::to_string(::getpid()) + "-" + std::to_string(next_temporary_++) + ".tmp";
    Status done = WriteThenRename(parent, temporary, resolved.parts.back(), bytes, location);
    if (!done.ok()) ::unlinkat(parent.get(), temporary.c_str(), 0);
    return done;
  }

  Result<std::vector<ObjectInfo>> List(const std::string& prefix, const Deadline& deadline) override {
    TRINE_ASSIGN(const ResolvedLocation resolved, Resolve(prefix));
    // "…/dir/na" lists the entries of "…/dir" that begin with "na"; "…/dir/" lists all of them, as does an
    // allowed folder without the slash.
    const bool whole = resolved.folder || resolved.parts.empty();
    const size_t depth = whole ? resolved.parts.size() : resolved.parts.size() - 1;
    std::vector<ObjectInfo> found;
    auto folder = OpenFolder(resolved, depth, false, prefix);
    if (!folder.ok()) {
      if (folder.error().kind() == ErrorKind::kNotFound) return found;
      return std::move(folder).error();
    }
    std::string base = "file://" + resolved.root;
    for (size_t i = 0; i < depth; ++i) base += "/" + resolved.parts[i];
    const std::string begin = whole ? std::string() : resolved.parts.back();
    TRINE_TRY(ListFolder(std::move(folder).value(), base + "/", begin, 0, deadline, &found));
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.location < b.location; });
    return found;
  }

 private:
  Result<ResolvedLocation> Resolve(const std::string& location) const {
    if (!location.starts_with("file:///")) {
      return Error(ErrorCode::kInvalid, "not a file:// location")
          .Expected("file:///folder/name")
          .Got(location.substr(0, 200));
    }
    if (location.find('\0') != std::string::npos || location.size() > 4096) {
      return Error(ErrorCode::kInvalid, "the file:// location is too long or contains a NUL byte")
          .Expected("at most 4096 bytes without NUL");
    }
    const std::string path = location.substr(7);
    ResolvedLocation resolved;
    std::vector<std::string> parts;
    for (size_t at = 0; at < path.size();) {
      const size_t slash = std::min(path.find('/', at), path.size());
      const std::string part = path.substr(at, slash - at);
      at = slash + 1;
      if (part.empty() || part == ".") continue;
      if (part == "..") return OutsideError(location);
      parts.push_back(part);
    }
    std::string normal;
    for (const auto& part : parts) normal += "/" + part;
    for (const std::string& folder : folders_) {
      const std::string below = folder == "/" ? "/" : folder + "/";
      if (normal != folder && !normal.starts_with(below)) continue;
      // If several allowed folders contain the location, use the deepest: symbolic links in the path of an
      // allowed folder itself are followed, those below it are not.
      if (folder.size() < resolved.root.size()) continue;
      resolved.root = folder;
    }
    if (resolved.root.empty()) return OutsideError(location);
    const auto skip = resolved.root == "/" ? 0 : std::count(resolved.root.begin(), resolved.root.end(), '/');
    resolved.parts.assign(parts.begin() + skip, parts.end());
    resolved.folder = path.ends_with('/');
    return resolved;
  }

  // Does not name the allowed folders, because answers to clients contain the message.
  Error OutsideError(const std::string& location) const {
    return Error(ErrorCode::kForbidden,
                 folders_.empty()
                     ? "file:// locations are not available; start with --import-dir DIR to allow a folder"
                     : "the location is not in a folder that --import-dir allows")
        .Got(location.substr(0, 200));
  }

  // Opens the folder `depth` components below the allowed one. With `make`, creates missing folders.
  static Result<FileDescriptor> OpenFolder(const ResolvedLocation& resolved, size_t depth, bool make,
                                           const std::string& location) {
    TRINE_CHECK_LE(depth, resolved.parts.size());
    FileDescriptor at(::open(resolved.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!at.open()) return SystemError("cannot open a folder", location, errno);
    for (size_t i = 0; i < depth; ++i) {
      const char* name = resolved.parts[i].c_str();
      if (make && ::mkdirat(at.get(), name, 0755) == 0) ::fsync(at.get());
      FileDescriptor next(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next.open()) {
        const int why = errno;
        struct stat st {};
        if (::fstatat(at.get(), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
          return SymlinkError(location);
        return PathError("cannot open a folder", location, why);
      }
      at = std::move(next);
    }
    return at;
  }

  static Status WriteThenRename(const FileDescriptor& parent, const std::string& temporary,
                                const std::string& name, std::string_view bytes,
                                const std::string& location) {
    FileDescriptor fd(::openat(parent.get(), temporary.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!fd.open()) return PathError("cannot create a file", location, errno);
    TRINE_TRY(WriteAll(fd, bytes, location));
    if (::fdatasync(fd.get()) != 0) return SystemError("cannot sync a file", location, errno);
    if (!fd.Close()) return SystemError("cannot close a file", location, errno);
    if (::renameat(parent.get(), temporary.c_str(), parent.get(), name.c_str()) != 0) {
      return SystemError("cannot rename a file", location, errno);
    }
    if (::fsync(parent.get()) != 0) return SystemError("cannot sync a folder", location, errno);
    return Ok();
  }

  // Adds the regular files in `folder` and its subfolders to `found`. Skips entries of `folder` itself whose
  // names do not start with `begin`.
  static Status ListFolder(FileDescriptor folder, const std::string& base, const std::string& begin,
                           size_t depth, const Deadline& deadline, std::vector<ObjectInfo>* found) {
    TRINE_TRY(deadline.Check("listing a folder"));
    const int fd = ::dup(folder.get());
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(fd), ::closedir);
    if (dir == nullptr) {
      const int why = errno;
      if (fd >= 0) ::close(fd);
      return SystemError("cannot list a folder", base, why);
    }
    while (const dirent* entry = ::readdir(dir.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == ".." || !name.starts_with(begin)) continue;
      if (name.starts_with(".trine-") && name.ends_with(".tmp")) continue;  // left by an unfinished Put
      struct stat st {};
      if (::fstatat(folder.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (S_ISREG(st.st_mode)) {
        if (found->size() >= kMaxListed) {
          return Error(ErrorCode::kLimit, "the folder and its subfolders contain too many files")
              .Expected("at most " + std::to_string(kMaxListed))
              .Where(base);
        }
        found->push_back({base + name, static_cast<uint64_t>(st.st_size)});
      } else if (S_ISDIR(st.st_mode) && depth < kMaxFolderDepth) {
        FileDescriptor next(
            ::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (next.open())
          TRINE_TRY(ListFolder(std::move(next), base + name + "/", "", depth + 1, deadline, found));
      }
    }
    return Ok();
  }

  std::vector<std::string> folders_;
  std::atomic<uint64_t> next_temporary_{0};
};

}  // namespace

std::unique_ptr<ObjectStore> NewFileObjectStore(const std::vector<std::string>& allowed_folders) {
  return std::make_unique<FileObjectStore>(allowed_folders);
}

}  // namespace trine::storage
