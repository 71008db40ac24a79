// RocksDb: an open RocksDB database, and how it is opened. Only for the RocksDB implementation of KeyValue
// and its tests.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/file_descriptor.h"
#include "storage/key_value.h"
#include "storage/lost_tables.h"

namespace trine::storage {

// Owns a database and its column families; closes both when destroyed. Every iterator must be destroyed
// before. Thread-safe as RocksDB is.
struct RocksDb {
  std::unique_ptr<rocksdb::Env> env;  // the database uses it; nullptr: one that others own
  std::unique_ptr<rocksdb::DB> db;
  // One handle per Family, in its order, and then the default family, which RocksDB requires but we do not
  // use.
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::shared_ptr<void> filter;  // RocksDB keeps a pointer to it

  RocksDb() = default;
  ~RocksDb();
  RocksDb(const RocksDb&) = delete;
  RocksDb& operator=(const RocksDb&) = delete;
  rocksdb::ColumnFamilyHandle* Handle(Family family) const;
};

// How one opening differs from what KeyValueOptions say.
struct RocksOpening {
  bool read_only = false;
  // Writes with a larger sequence number failed; they are dropped from the end of the log. nullopt: none.
  std::optional<uint64_t> last_sequence = {};
  // Writes the content of the log to synced table files before the first write, because the log may contain
  // bytes that are in the memory of the operating system, but not on the disk.
  bool flush = false;
  // How a log that is damaged before its end is read: it is refused; up to the first damaged record; or with
  // all readable blocks, also those after the damage.
  enum class Damage { kRefuse, kEnd, kSkip } damage = Damage::kRefuse;
  // Set: nothing of the log is applied, and the largest number that AddDurableNote has written to its
  // readable records is stored here, or 0. Must stay valid until the database is closed.
  uint64_t* newest_note = nullptr;
  // Opens the store without these tables. Only with `read_only`.
  std::vector<LostTable> without = {};
  // Opens the store although tables are missing or have another size. Only with `read_only`, and for the list
  // of its tables alone.
  bool any_tables = false;
  // False: no background compaction, which would stop all writes at the first damaged block.
  bool compactions = true;
  rocksdb::Env* env = nullptr;  // nullptr: the file system
  // Called when RocksDB stops accepting writes: with the error, whether a write caused it, and the sequence
  // number of the last successful write.
  std::function<void(const Error&, bool by_write, uint64_t sequence)> on_stopped = {};
};

// Adds a note to a batch: when the batch was made, the writes up to `sequence` were durable. The log contains
// the note; nothing else does.
void AddDurableNote(uint64_t sequence, rocksdb::WriteBatch* batch);

// Opens or creates the database as OpenKeyValue says, without taking a lock. Records of the log that could
// not be read (see KeyValueOptions::salvage) are added to `dropped`, one sentence each.
Result<std::unique_ptr<RocksDb>> OpenRocks(const std::string& path, const KeyValueOptions& options,
                                           const RocksOpening& opening, std::vector<std::string>* dropped);

// Returns the tables of an existing store that cannot be used. Changes nothing. An error if the manifest
// cannot be read, or the disk.
Result<std::vector<LostTable>> FindLostTables(const std::string& path, const KeyValueOptions& options,
                                              const RocksOpening& opening);

// Locks the store in folder `path` until the descriptor is closed. kShared changes nothing: if there is no
// lock file, no writer has the store open, and no descriptor is returned. Neither does kExclusiveReadOnly,
// which excludes everybody else. kInUse if that conflicts with a lock of this or another process.
enum class StoreLock { kShared, kExclusive, kExclusiveReadOnly };
Result<FileDescriptor> LockStore(const std::string& path, StoreLock how);

// The error for a folder without a store. Names the missing file, because the folder may be an empty mount
// point, or a store that lost only this file: then the detail "manifest" names the newest manifest.
Error MissingStore(const std::string& path);

// Ok unless the store's file CURRENT exists and does not name an existing manifest: then kCorrupt, with that
// file as `where`. RocksDB reports most such files as failed reads.
Status CheckCurrent(const std::string& path);

inline constexpr std::string_view kLockFile = "trine.lock";

const char* NameOf(Family family);

// Whether the tables of the family have a filter of such prefixes: those of user_events and users, of
// prefixes (group, user). A cursor with prefix_same_as_start skips the tables without the prefix.
bool IsFilteredPrefix(Family family, std::string_view prefix);

}  // namespace trine::storage
