#include "storage/space_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/check.h"
#include "storage/file_descriptor.h"
#include "storage/free_space.h"

namespace trine::storage {

SpaceReserve::SpaceReserve(std::string file, uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {
  TRINE_CHECK_GT(bytes_, 0u);
}

void SpaceReserve::Keep() {
  const auto disk = MeasureDisk(std::filesystem::path(file_).parent_path().string());
  if (!disk.ok()) return;
  struct stat now {};
  const bool exists = ::lstat(file_.c_str(), &now) == 0;
  if (exists) {
    if (disk->free > 2 * kShortOfSpace) static_cast<void>(Release());
    return;
  }
  const uint64_t bytes = std::min(bytes_, disk->total / 16);
  const uint64_t room = bytes + LeastReserve(disk->total) / 10 * 12;
  if (bytes == 0 || disk->free > kShortOfSpace || disk->free < room) return;
  FileDescriptor fd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.open()) return;
  if (::posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes)) != 0) static_cast<void>(Release());
}

bool SpaceReserve::Release() { return ::unlink(file_.c_str()) == 0; }

}  // namespace trine::storage
