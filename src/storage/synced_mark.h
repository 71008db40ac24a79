// SyncedMark: a small file beside a store that states up to which write the store is durable. RocksDB does
// not notice if its newest log is cut or removed; a comparison with this mark does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "storage/file_descriptor.h"

namespace trine::storage {

// The file contains the text "synced ", the sequence number of the newest durable write as 16 hexadecimal
// digits, a space, the CRC-32C of these bytes as 8 digits, and a newline: 33 bytes, which fit into one
// sector, so that they are replaced as a whole. The mark is written after a sync. Only a new file is synced:
// an old mark states less than is true, but nothing false. For the same reason a mark that cannot be written
// is not an error. Thread-safe.
class SyncedMark {
 public:
  // What a file states. Without a sequence number and without damage there is no mark: the file does not
  // exist, or is empty or all zeros, as a loss of power leaves a file that was just created.
  struct Content {
    std::optional<uint64_t> sequence;
    std::string damage;  // "has a wrong checksum"; empty: none
  };
  static Content Read(const std::string& path);

  // Starts to keep the file `path` up to date; `sequence` is the newest durable write. Returns whether the
  // file can be relied upon after a loss of power: a new one is synced together with its folder.
  bool Open(const std::string& path, uint64_t sequence) TRINE_EXCLUDES(mutex_);
  // Everything up to this sequence number is durable. Has no effect before Open.
  void Advance(uint64_t sequence) TRINE_EXCLUDES(mutex_);
  // The number in the file, or 0 before Open.
  uint64_t newest() const TRINE_EXCLUDES(mutex_);

 private:
  bool WriteFile(uint64_t sequence) TRINE_REQUIRES(mutex_);

  mutable Mutex mutex_;
  FileDescriptor file_ TRINE_GUARDED_BY(mutex_);
  uint64_t written_ TRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trine::storage
