// SpaceReserve: a file without content that keeps some space of an almost full disk, and gives it back when
// nothing else is left.
#pragma once

#include <cstdint>
#include <string>

namespace trine::storage {

// A store on a disk without any free space cannot even delete: its log has no room for the deletion. The file
// is made while the disk is short of space, and removed so that the store can be opened again and deletions
// are accepted. Not thread-safe.
class SpaceReserve {
 public:
  // Below this amount of free space the file is made, and above twice as much it is removed.
  static constexpr uint64_t kShortOfSpace = 2ull << 30;

  // `file` is its path. It has `bytes` bytes, or a sixteenth of the disk if that is less.
  SpaceReserve(std::string file, uint64_t bytes);
  // Makes or removes the file, as the free space says. It is not made if new data would then be refused.
  // Called regularly while the store works; without effect if the disk cannot be measured.
  void Keep();
  // Removes the file. Returns whether there was one.
  bool Release();

 private:
  const std::string file_;
  const uint64_t bytes_;
};

}  // namespace trine::storage
