// Directory: a flat folder of files. An interface because tests use an implementation that loses unsynced
// writes and flips bytes (test/support/faulty_directory.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::storage {

// A new file that is being written. Without Sync, a crash of the machine may lose the bytes even after Close.
// Not thread-safe.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;   // puts the data on stable storage (fdatasync)
  virtual Status Close() = 0;  // idempotent; also done by the destructor
};

// The bytes of a finished file, memory-mapped where possible. They stay readable after the file is removed or
// replaced. Immutable; thread-safe.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  virtual std::string_view bytes() const = 0;
};

// File and folder names match [A-Za-z0-9._-]+, do not begin with a dot and have at most 255 bytes; any other
// name is kInvalid. Thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;
  // Replaces an existing file.
  virtual Result<std::unique_ptr<WritableFile>> Create(const std::string& name) = 0;
  // kNotFound if missing; kCorrupt if there is a folder, pipe or the like in the place of the file.
  virtual Result<std::shared_ptr<const FileBytes>> Open(const std::string& name) = 0;
  // Atomic; replaces `to`. A folder in its place is renamed to `to` with ".broken" at the end before.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& name) = 0;   // kNotFound if missing; kCorrupt if it is a folder
  virtual Result<std::vector<std::string>> List() = 0;  // files, sorted
  virtual Result<std::vector<std::string>> ListFolders() = 0;  // sorted
  virtual Status Sync() = 0;  // puts all creations, renames and removals so far on stable storage
  // Opens a folder in this one. A missing one is created, and its entry is durable on return; a file in its
  // place is renamed as by Rename. The result may outlive this object.
  virtual Result<std::unique_ptr<Directory>> Folder(const std::string& name) = 0;
  virtual Status RemoveFolder(const std::string& name) = 0;  // with its contents; ok if missing
  virtual std::string path() const = 0;                      // for messages
};

// Returns kInvalid unless `name` is a valid file name in a Directory. For implementations.
Status CheckFileName(const std::string& name);

// Opens a folder in the real file system. Creates it, and its parents, if it is missing.
Result<std::unique_ptr<Directory>> OpenDirectory(const std::string& path);
// Like OpenDirectory, but creates nothing: kNotFound if there is no such folder.
Result<std::unique_ptr<Directory>> OpenExistingDirectory(const std::string& path);

// Writes a file that after a crash contains either the old or the new bytes: writes and syncs a temporary
// file, renames it, syncs the directory. On an error the old file is unchanged, unless only the last sync
// failed.
Status WriteFileAtomically(Directory& dir, const std::string& name, std::string_view bytes);

// Returns the CRC-32C (Castagnoli), the checksum in all our file formats. `seed` is the checksum of the
// preceding bytes: Crc32c(b, Crc32c(a)) is the checksum of a followed by b. Thread-safe.
uint32_t Crc32c(std::string_view bytes, uint32_t seed = 0);

}  // namespace trine::storage
