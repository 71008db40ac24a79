// FaultyStore: opens RocksDB stores of facts on a file system that fails on purpose: calls fail, writes are
// short, syncs do nothing, and a loss of power drops, delays and reorders what was not synced.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"
#include "storage/key_value.h"

namespace trine::test {

// The files are real ones in a real folder. Everything that is not synced is remembered, so that LosePower
// can take it away again. Stores must be closed before this object is destroyed. Thread-safe, except for
// LosePower.
//
// The file of the store's SyncedMark is not part of this file system, so it keeps its newest content. A real
// loss of power may leave an older one, or none.
class FaultyStore {
 public:
  enum class Fault {
    kError,     // the call fails and has no effect
    kShort,     // an append writes half of its bytes and reports a full disk; other calls fail
    kLostSync,  // a sync succeeds without an effect, as on a disk that lies; other calls work
  };

  FaultyStore();
  ~FaultyStore();
  FaultyStore(const FaultyStore&) = delete;
  FaultyStore& operator=(const FaultyStore&) = delete;

  // As storage::OpenKeyValue.
  Result<std::unique_ptr<storage::KeyValue>> Open(const std::string& path,
                                                  const storage::KeyValueOptions& options);

  // Lets `steps` more calls that change something succeed (create, append, sync, rename, delete ...). The
  // next `count` ones have the fault.
  void FailAfter(uint64_t steps, Fault fault, uint64_t count);
  // As if the process had ended: after `steps` more calls, none has an effect any more.
  void StopAfter(uint64_t steps);
  void Repair();            // ends both
  uint64_t steps() const;   // changing calls so far
  uint64_t faults() const;  // calls that had a fault so far
  bool lost_sync() const;   // a kLostSync fault has happened

  // Requires that every store is closed. Data that was not synced is lost: each file loses its end or some
  // of its blocks, each folder its last changes of names. Ends all faults.
  void LosePower(Random* random);

 private:
  class Files;
  struct State;
  const std::shared_ptr<State> state_;
  struct Environment;
  const std::unique_ptr<Environment> environment_;
};

}  // namespace trine::test
