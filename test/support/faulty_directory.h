// FaultyDisk: directories in memory that fail as disks do: a crash loses unsynced data, bytes flip, space
// runs out, syncs fail, and writes can be made to fail from any step on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"
#include "storage/directory.h"

namespace trine::test {

// Owns the files; the directories that Root() returns share them and may outlive this object. Thread-safe.
// Syncing a file makes its bytes durable, syncing a directory its names; a folder made by Folder() is durable
// at once.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  // The root folder, as a process that starts now would see it.
  std::unique_ptr<storage::Directory> Root();

  // Simulates a crash of the machine. Unsynced bytes and names are lost; with `random` some survive: a prefix
  // of each folder's name changes, and a prefix of each file's unsynced bytes, the rest of the file possibly
  // as zeros. Open files and directories fail afterwards with kIo; Root() returns a working one. All faults
  // below are cleared.
  void Crash(Random* random = nullptr);

  // Flips bits of one byte. `path` is "folder/name". A file that is already open does not see the change.
  void FlipByte(const std::string& path, size_t offset, unsigned char mask = 0xff);
  // After `bytes` more bytes, every append fails with kNoSpace. Removing files frees no space.
  void SetSpaceLeft(uint64_t bytes);
  // Every Sync (of files and directories) fails with kIo and syncs nothing.
  void FailSyncs(bool fail);
  // Lets `steps` more changing calls (create, append, sync, rename, remove ...) succeed; all later ones fail
  // with kIo, until Crash().
  void StopAfter(uint64_t steps);
  // The number of changing calls so far, for loops that fail at each of them in turn.
  uint64_t steps() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trine::test
