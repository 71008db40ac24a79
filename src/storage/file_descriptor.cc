#include "storage/file_descriptor.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace trine::storage {

bool FileDescriptor::Close() {
  const int fd = std::exchange(fd_, -1);
  return fd < 0 || ::close(fd) == 0;
}

Error SystemError(std::string what, const std::string& path, int error_number) {
  ErrorCode code = ErrorCode::kIo;
  if (error_number == ENOENT) code = ErrorCode::kNotFound;
  if (error_number == ENOSPC) code = ErrorCode::kNoSpace;
  what += ": " + std::generic_category().message(error_number);
  return Error(code, std::move(what)).Where(path);
}

Status WriteAll(const FileDescriptor& fd, std::string_view bytes, const std::string& path) {
  constexpr size_t kMost = 1u << 30;  // one write(2) on Linux accepts just under 2 GiB
  TRINE_CHECK(fd.open());
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), std::min(bytes.size(), kMost));
    if (n < 0) {
      if (errno == EINTR) continue;
      return SystemError("cannot write the file", path, errno);
    }
    TRINE_CHECK_LE(static_cast<size_t>(n), bytes.size());
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return Ok();
}

}  // namespace trine::storage
