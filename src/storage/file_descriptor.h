// FileDescriptor, an owned POSIX file descriptor, and system call errors as values.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace trine::storage {

// Owns one descriptor or none (-1). Not thread-safe.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { Close(); }
  bool open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Closes the descriptor, if there is one. Returns false, with errno set, if close(2) fails; the descriptor
  // is released even then.
  bool Close();

 private:
  int fd_ = -1;
};

// Returns the error for a failed system call: kNotFound for ENOENT, kNoSpace for ENOSPC, otherwise kIo, also
// for EACCES, because kForbidden is for callers. The message ends with the system's description.
Error SystemError(std::string what, const std::string& path, int error_number);

// Writes all of `bytes`, continuing after interrupts and short writes. `path` is for messages.
Status WriteAll(const FileDescriptor& fd, std::string_view bytes, const std::string& path);

}  // namespace trine::storage
