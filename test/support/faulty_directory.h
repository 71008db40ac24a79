// FaultyDisk: directories in memory that fail like real disks: a crash loses unsynced data, bytes flip, space
// runs out, syncs fail, and all writes after a chosen step can be made to fail.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"
#include "storage/directory.h"

namespace trine::test {

// Owns the files; the directories that Root() returns share them and may outlive this object. Thread-safe.
// Syncing a file makes its bytes durable; syncing a directory makes its names durable. A folder that Folder()
// creates is durable at once.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  // Returns the root folder, as a process that starts now would see it.
  std::unique_ptr<storage::Directory> Root();

  // Simulates a crash of the machine. Unsynced bytes and names are lost. With `random`, some survive: in each
  // folder a prefix of the name changes, in each file a prefix of the unsynced bytes, sometimes followed by
  // zeros. Files and directories that were open fail with kIo afterwards; Root() returns a working directory.
  // Clears all faults below.
  void Crash(Random* random = nullptr);

  // Flips bits of one byte. `path` is "folder/name". A file that is already open does not see the change.
  void FlipByte(const std::string& path, size_t offset, unsigned char mask = 0xff);
  // After `bytes` more bytes, every append fails with kNoSpace. Removing files frees no space.
  void SetSpaceLeft(uint64_t bytes);
  // If true, every Sync of a file or directory fails with kIo and syncs nothing.
  void FailSyncs(bool fail);
  // Lets `steps` more mutating calls (create, append, sync, rename, remove ...) succeed; all later ones fail
  // with kIo, until Crash().
  void StopAfter(uint64_t steps);
  // The number of mutating calls so far, for tests that fail at each of them in turn.
  uint64_t steps() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trine::test
