// KeyValue: the ordered store of all facts, with one column family per kind of fact.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "storage/store_health.h"
#include "storage/store_memory.h"

namespace trine::storage {

// Column families. Their names are stored on disk: never rename or reuse one. docs/formats/keys.md describes
// their keys and values.
enum class Family : int {
  kMeta = 0,          // "meta": format version, id counters
  kResources = 1,     // "resources": (kind, NUL, name) -> JSON written by the domain's own codec
  kRecords = 2,       // "records": (collection, seq_no) -> header + compressed source
  kRecordIds = 3,     // "record_ids": (collection, id) -> seq_no, version, primary term, deleted
  kItemIds = 4,       // "item_ids": (collection, item id) -> record id, if there is an item id field
  kObsolete = 5,      // "obsolete": (collection, superseding seq_no) -> seq_no of the superseded record
  kInteractions = 6,  // "interactions": (group, event seq) -> event
  kUserEvents = 7,    // "user_events": (group, user, time and seq descending) -> the same event
  kUsers = 8,         // "users": (group, user id) -> attributes
  kEventIds = 9,      // "event_ids": (group, hash of id or content) -> event seq; detects duplicates
};
inline constexpr int kFamilyCount = 10;

// A list of changes that are applied atomically and in order. Not thread-safe.
class WriteBatch {
 public:
  struct Op {
    Family family;
    std::string key;
    std::optional<std::string> value;
    std::string end;
  };
  void Put(Family f, std::string key, std::string value) {
    ops_.push_back({f, std::move(key), std::move(value), {}});
  }
  void Delete(Family f, std::string key) { ops_.push_back({f, std::move(key), std::nullopt, {}}); }
  // Deletes every key in [begin, end); none if end <= begin. Requires a non-empty `end`.
  void DeleteRange(Family f, std::string begin, std::string end) {
    TRINE_CHECK(!end.empty());
    ops_.push_back({f, std::move(begin), std::nullopt, std::move(end)});
  }
  bool empty() const { return ops_.empty(); }
  const std::vector<Op>& ops() const { return ops_; }
  void Append(WriteBatch other);

 private:
  std::vector<Op> ops_;
};

// kSync: Write returns once the log is on stable storage. kBuffered: a machine crash may lose the write.
enum class Durability { kSync, kBuffered };

// Iterates over keys in byte order. Sees the store as it was when Scan was called. The KeyValue must outlive
// the cursor. key(), value(), Next() and Prev() require Valid(). The views that key() and value() return are
// valid until the cursor moves. A damaged block costs its own rows and no more: the cursor skips it, reports
// it to KeyValue::health and counts it in skipped(). An interface because KeyValue is one. Not thread-safe.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void Seek(std::string_view key) = 0;        // first key >= `key`
  virtual void SeekBefore(std::string_view key) = 0;  // last key < `key`
  virtual bool Valid() const = 0;
  virtual void Next() = 0;
  virtual void Prev() = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Status status() const = 0;  // if not Valid(): ok at the end, otherwise kIo
  // The number of damaged ranges that this cursor has skipped. Code that must see every row, such as code
  // that derives the next free number from the last row, checks it.
  virtual uint64_t skipped() const { return 0; }
};

// The keys of a family in [first, last).
struct KeyRange {
  Family family = Family::kMeta;
  std::string first, last;
};

// Reads see every write that has returned. Concurrent kSync writes share one fsync (group commit). An
// interface because tests use an in-memory implementation; both pass the same conformance suite. Thread-safe.
class KeyValue {
 public:
  virtual ~KeyValue() = default;
  virtual Result<std::optional<std::string>> Get(Family family, std::string_view key) const = 0;
  // Like Get, for many keys. A key whose row is damaged has no value; health() names it.
  virtual Result<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys) const = 0;
  // While health().Writable() is an error, returns that error without trying. A batch whose write failed has
  // no effect, also not after Recover; only if the process ends before Recover has succeeded, the next
  // process may find the batch in the store, completely or not at all.
  virtual Status Write(const WriteBatch& batch, Durability durability) = 0;
  virtual std::unique_ptr<Cursor> Scan(Family family) const = 0;
  // Like Scan, but the cursor is at the first key with this prefix, or behind it, and may only move forwards.
  // After the last such key it may end or show other keys. If the prefix is (group, user), a store with files
  // skips the tables without it.
  virtual std::unique_ptr<Cursor> ScanPrefix(Family family, std::string_view prefix) const {
    auto cursor = Scan(family);
    cursor->Seek(prefix);
    return cursor;
  }
  // Makes a consistent copy in an empty or missing folder, with hard links where possible. May run during
  // writes. Returns kExists if the folder is not empty.
  virtual Status Checkpoint(const std::string& path) = 0;
  // Reads the whole store: all blocks, and every row. kCorrupt if it is damaged; health() then names the rows
  // that cannot be read.
  virtual Status VerifyChecksums() const = 0;
  virtual Status Flush() = 0;  // writes buffered data to table files
  // Tests whether the disk of a store that accepts no writes works again, and then makes it accept writes,
  // for which reads may wait. A store that works keeps some space of a disk that is almost full. Call it
  // regularly.
  virtual Status Recover() { return health().Writable(); }
  // Gives the space of rows that were deleted since the store was opened back to the disk, where that needs
  // less space than is free. Slow; ends early once `stop` is requested. Called while space is reserved.
  virtual Status Reclaim(const std::stop_token&) { return Ok(); }
  // The names of the files that the store uses in its folder; empty for a store without files.
  virtual Result<std::vector<std::string>> Files() const { return std::vector<std::string>(); }
  // Removes deleted rows in these ranges from the files of the store: afterwards no log, table file or
  // manifest contains what was deleted before the call, nor its keys. A file that an open cursor reads stays
  // until the cursor is destroyed. Rewrites every row of the ranges, so it is slow; others may read and write
  // meanwhile. kStopped once `stop` is requested; kNoSpace if the rewritten rows would not fit on the disk;
  // kCorrupt if the store is damaged, because rewriting a damaged block would stop all writes.
  virtual Status Purge(const std::vector<KeyRange>&, const std::stop_token&) { return Ok(); }

  // The memory that the store holds; all zero for a store without files, and while it is closed because of an
  // error.
  virtual StoreMemory memory() const { return {}; }

  StoreHealth& health() const { return health_; }

 private:
  mutable StoreHealth health_;
};

struct RowsRead {
  uint64_t rows = 0;     // that can be read
  uint64_t skipped = 0;  // damaged ranges
};
// Reads every row of all families, also of damaged ones, which health() then names. An error of the disk.
Result<RowsRead> ReadEveryRow(const KeyValue& kv);

struct KeyValueOptions {
  size_t block_cache_bytes = 64u << 20;
  size_t write_buffer_bytes = 32u << 20;
  // Changes no file, and never sees writes made after it was opened. Takes no lock unless `exclusive` is set.
  bool read_only = false;
  // With `read_only`: returns kInUse if another process has the store open for writing, and keeps such
  // processes out as long as this store is open.
  bool exclusive = false;
  // Creates the store if the folder contains none, and completes a creation that was interrupted. False:
  // kNotFound, with the missing file as `where`, and no file changes. Only the program that makes a new data
  // directory may create a store: everywhere else a missing store means lost or unmounted data.
  bool create = true;
  // Opens a store on a full or read-only disk all the same, for reading: health().Writable() is then an error
  // until Recover succeeds. Not with `read_only` or `create`.
  bool serve_reads = false;
  // Opens a store whose write-ahead log is corrupt in the middle, and drops the records that cannot be read,
  // which health() names. Otherwise opening such a store returns kCorrupt, because those records were
  // acknowledged.
  bool salvage = false;
  Log* log = nullptr;  // for the findings of health(); nullptr: none. Must outlive the store
};
// Opens the RocksDB store in folder `path`. Returns kInUse if the store is already open for writing (a disk
// that cannot be written to is kIo instead), kNotFound if there is no store and it may not be
// created, kFormatVersion if a newer version of Trine wrote the store, and kCorrupt if the store is damaged
// (`where` is the damaged file). A log that ends within a record is not an error: a crash during a write
// leaves such a log.
Result<std::unique_ptr<KeyValue>> OpenKeyValue(const std::string& path, const KeyValueOptions& options = {});
// Returns a KeyValue in memory with the same semantics, for tests.
std::unique_ptr<KeyValue> NewMemoryKeyValue();

// Builds keys from several parts: integers are big-endian, so that they sort by value; strings have a 16-bit
// length prefix unless they come last. Not thread-safe.
class KeyBuilder {
 public:
  KeyBuilder& U16(uint16_t v);
  KeyBuilder& U32(uint32_t v);
  KeyBuilder& U64(uint64_t v);
  KeyBuilder& Text(std::string_view v);  // with its length; requires at most 65,535 bytes
  KeyBuilder& Tail(std::string_view v);  // without its length; must be the last part
  std::string Take() { return std::move(key_); }
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};
// Reads the parts of a key in order. A read returns false and consumes nothing if the key is too short.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}
  bool U16(uint16_t* v);
  bool U32(uint32_t* v);
  bool U64(uint64_t* v);
  bool Text(std::string_view* v);
  std::string_view Tail() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace trine::storage
