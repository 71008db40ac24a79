#include "storage/synced_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
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

std::optional<uint64_t> SyncedMark::Read(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.open()) return std::nullopt;
  std::array<char, kFileBytes> bytes;
  if (::pread(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(kFileBytes))
    return std::nullopt;
  const std::string text(bytes.data(), bytes.size());
  const uint64_t sequence = std::strtoull(text.substr(kHead.size(), 16).c_str(), nullptr, 16);
  return text == Encode(sequence) ? std::optional<uint64_t>(sequence) : std::nullopt;
}

void SyncedMark::Open(const std::string& path, uint64_t sequence) {
  const MutexLock lock(mutex_);
  file_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  WriteFile(sequence);
}

void SyncedMark::Advance(uint64_t sequence) {
  const MutexLock lock(mutex_);
  if (sequence > written_) WriteFile(sequence);
}

uint64_t SyncedMark::newest() const {
  const MutexLock lock(mutex_);
  return written_;
}

void SyncedMark::WriteFile(uint64_t sequence) {
  written_ = sequence;
  if (!file_.open()) return;
  const std::string text = Encode(sequence);
  static_cast<void>(::pwrite(file_.get(), text.data(), text.size(), 0) == 0);
}

}  // namespace trine::storage
