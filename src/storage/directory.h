// Directory: a flat folder of files. The seam where tests lose unsynced writes and flip bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::storage {

// A file being written from its beginning. Not thread-safe. Closing without Sync promises nothing.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;   // data on stable storage (fdatasync)
  virtual Status Close() = 0;  // idempotent; also done by the destructor
};

// The bytes of a finished file, memory-mapped where the implementation can. Immutable; thread-safe;
// stays readable after the file is removed. Owned by shared_ptr.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  virtual std::string_view bytes() const = 0;
};

// Names are [A-Za-z0-9._-]+ without a leading dot; anything else is kInvalid. Thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;
  // Replaces an existing file.
  virtual Result<std::unique_ptr<WritableFile>> Create(const std::string& name) = 0;
  virtual Result<std::shared_ptr<const FileBytes>> Open(const std::string& name) = 0;  // kNotFound
  virtual Status Rename(const std::string& from, const std::string& to) = 0;           // atomic, replaces
  virtual Status Remove(const std::string& name) = 0;                                  // kNotFound
  virtual Result<std::vector<std::string>> List() = 0;                                 // files, sorted
  virtual Result<std::vector<std::string>> ListFolders() = 0;                          // sorted
  virtual Status Sync() = 0;  // creations, renames and removals so far are on stable storage
  // A folder below, made when missing; its own entry is then durable at once. The caller owns it, and
  // it may outlive this object.
  virtual Result<std::unique_ptr<Directory>> Folder(const std::string& name) = 0;
  virtual Status RemoveFolder(const std::string& name) = 0;  // with all it holds; fine when missing
  virtual std::string path() const = 0;                      // for messages and for mmap users only
};

// kInvalid unless `name` is one that a Directory takes; for implementations.
Status CheckFileName(const std::string& name);

// The real file system below `path` (created when missing).
Result<std::unique_ptr<Directory>> OpenDirectory(const std::string& path);

// Writes `name` so that after a crash it holds either the old or the new bytes: temporary file,
// sync, rename, directory sync.
Status WriteFileAtomically(Directory& dir, const std::string& name, std::string_view bytes);

// CRC-32C (Castagnoli), as used by every file of ours. `seed` is the checksum of what came before:
// Crc32c(b, Crc32c(a)) is the checksum of a followed by b.
uint32_t Crc32c(std::string_view bytes, uint32_t seed = 0);

}  // namespace trine::storage
