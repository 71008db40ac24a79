#include "storage/synced_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "storage/directory.h"

namespace trine::storage {
namespace {

constexpr std::string_view kHead = "synced ";
constexpr size_t kCoveredBytes = kHead.size() + 16;
constexpr size_t kFileBytes = kCoveredBytes + 1 + 8 + 1;

std::string Encode(uint64_t sequence) {
  std::array<char, kFileBytes + 1> text;
  std::snprintf(text.data(), text.size(), "%s%016" PRIx64, kHead.data(), sequence);
  const std::string covered(text.data(), kCoveredBytes);
  std::snprintf(text.data(), text.size(), "%s %08" PRIx32 "\n", covered.c_str(), Crc32c(covered));
  return std::string(text.data(), kFileBytes);
}

}  // namespace

SyncedMark::Content SyncedMark::Read(const std::string& path) {
  Content content;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.open()) {
    if (errno != ENOENT) content.damage = std::string("cannot be opened: ") + std::strerror(errno);
    return content;
  }
  std::array<char, kFileBytes + 1> bytes;  // one more, so that a longer file is noticed
  const ssize_t read = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  if (read < 0) {
    content.damage = std::string("cannot be read: ") + std::strerror(errno);
    return content;
  }
  const std::string text(bytes.data(), static_cast<size_t>(read));
  if (text.size() <= kFileBytes && text.find_first_not_of('\0') == std::string::npos) return content;
  if (text.size() != kFileBytes) {
    content.damage = "has a wrong size";
    return content;
  }
  const uint64_t sequence = std::strtoull(text.substr(kHead.size(), 16).c_str(), nullptr, 16);
  if (text == Encode(sequence)) {
    content.sequence = sequence;
  } else {
    content.damage = "has a wrong checksum";
  }
  return content;
}

bool SyncedMark::Open(const std::string& path, uint64_t sequence) {
  const bool is_new = !Read(path).sequence.has_value();
  const MutexLock lock(mutex_);
  file_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!WriteFile(sequence)) return false;
  if (!is_new) return true;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const FileDescriptor entry(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return ::ftruncate(file_.get(), kFileBytes) == 0 && ::fsync(file_.get()) == 0 && entry.open() &&
         ::fsync(entry.get()) == 0;
}

void SyncedMark::Advance(uint64_t sequence) {
  const MutexLock lock(mutex_);
  if (sequence > written_) static_cast<void>(WriteFile(sequence));
}

uint64_t SyncedMark::newest() const {
  const MutexLock lock(mutex_);
  return written_;
}

bool SyncedMark::WriteFile(uint64_t sequence) {
  written_ = sequence;
  if (!file_.open()) return false;
  const std::string text = Encode(sequence);
  return ::pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace trine::storage
