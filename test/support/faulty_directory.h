// FaultyDisk: directories in memory that fail as disks do: a crash forgets what was not synced, bytes
// flip, space runs out, syncs fail, and writing may stop at any chosen step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"
#include "storage/directory.h"

namespace trine::test {

// Owns the files; directories made by Root() share them and may outlive this object. Thread-safe.
// Syncing a file makes its bytes durable, syncing a directory its names; a folder that Folder() makes
// is durable at once.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  // The disk's top folder, as a process that starts now sees it.
  std::unique_ptr<storage::Directory> Root();

  // The machine dies and comes back. Unsynced bytes and names are lost; with `random` some of each
  // survive: a prefix of the name changes of each folder, a prefix of each file's unsynced bytes, the
  // rest of the file possibly as zeros. Files being written and directories opened before fail
  // afterwards with kIo; Root() gives working ones. Faults set below are cleared.
  void Crash(Random* random = nullptr);

  // Flips bits of one byte. `path` is "folder/name". Who has the file open does not see it.
  void FlipByte(const std::string& path, size_t offset, unsigned char mask = 0xff);
  // After this many more bytes every append fails with kNoSpace. Removing gives no space back.
  void SetSpaceLeft(uint64_t bytes);
  // Every Sync (of files and directories) fails with kIo and syncs nothing.
  void FailSyncs(bool fail);
  // Lets `steps` more changing calls (create, append, sync, rename, remove ...) succeed; all later
  // ones fail with kIo. Crash() ends it.
  void StopAfter(uint64_t steps);
  // Changing calls so far, for loops that stop at each of them.
  uint64_t steps() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trine::test
