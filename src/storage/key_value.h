// KeyValue: the ordered store of every fact, with one column family per kind of fact.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::storage {

// Column families. The name reaches disk; never rename, never reuse. Layouts: docs/formats/keys.md.
enum class Family : int {
  kMeta = 0,          // "meta": format version, counters of ids
  kResources = 1,     // "resources": kind NUL name -> JSON of the domain's own codec
  kRecords = 2,       // "records": (collection, seq_no) -> header + compressed source
  kRecordIds = 3,     // "record_ids": (collection, id) -> seq_no, version, primary term, deleted
  kItemIds = 4,       // "item_ids": (collection, item id) -> record id, for bound collections
  kObsolete = 5,      // "obsolete": (collection, superseding seq_no) -> superseded seq_no, still on disk
  kInteractions = 6,  // "interactions": (group, event seq) -> event
  kUserEvents = 7,    // "user_events": (group, who, time and seq descending) -> event; a slice of the log
  kUsers = 8,         // "users": (group, user id) -> attributes
  kEventIds = 9,      // "event_ids": (group, hash of id or of content) -> event seq; duplicates are kept once
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
  // Deletes every key in [begin, end), which is empty when end <= begin. Requires a non-empty `end`.
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

// kSync: Write returns after the log is on stable storage. kBuffered: a crash of the machine may lose the
// write.
enum class Durability { kSync, kBuffered };

// Iterates over keys in byte order, in the state of the store when Scan was called. The KeyValue must outlive
// it. key(), value(), Next() and Prev() require Valid(). The views that key() and value() return are valid
// until the cursor moves. An interface because KeyValue is one. Not thread-safe.
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
  virtual Status status() const = 0;  // why it is not Valid(): ok at the end, else kCorrupt or kIo
};

// Reads see every write that returned before. Concurrent kSync writes share one fsync (group commit). An
// interface because tests run on an in-memory twin, which one conformance suite compares with RocksDB.
// Thread-safe.
class KeyValue {
 public:
  virtual ~KeyValue() = default;
  virtual Result<std::optional<std::string>> Get(Family family, std::string_view key) const = 0;
  virtual Result<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys) const = 0;
  virtual Status Write(const WriteBatch& batch, Durability durability) = 0;
  virtual std::unique_ptr<Cursor> Scan(Family family) const = 0;
  // Makes a consistent copy in an empty or missing folder, by hard links where possible. May run during
  // writes. kExists when the folder is not empty.
  virtual Status Checkpoint(const std::string& path) = 0;
  virtual Status VerifyChecksums() const = 0;  // reads the whole store; kCorrupt
  virtual Status Flush() = 0;                  // writes what is in memory to tables
};

struct KeyValueOptions {
  size_t block_cache_bytes = 64u << 20;
  size_t write_buffer_bytes = 32u << 20;
  bool read_only = false;  // takes no lock; sees the store as it was when it was opened
  bool create = true;      // false: kNotFound when there is no store in the folder
  // Opens a store whose write-ahead log is broken in the middle and drops everything after the break. Without
  // this such a store is kCorrupt, because the dropped writes were acknowledged.
  bool salvage = false;
};
// Opens RocksDB in folder `path`. kInUse when it is open for writing already, kCorrupt with the broken file
// in `where`, kFormatVersion when a newer version wrote it. A log that ends within a record is not an error:
// that is what a crash during a write leaves.
Result<std::unique_ptr<KeyValue>> OpenKeyValue(const std::string& path, const KeyValueOptions& options = {});
// A KeyValue in memory with the same semantics, for tests.
std::unique_ptr<KeyValue> NewMemoryKeyValue();

// Builds keys of several parts: integers big-endian, so that they sort by value, and texts with a 16-bit
// length in front unless they come last. Not thread-safe.
class KeyBuilder {
 public:
  KeyBuilder& U16(uint16_t v);
  KeyBuilder& U32(uint32_t v);
  KeyBuilder& U64(uint64_t v);
  KeyBuilder& Text(std::string_view v);  // with its length; requires at most 65,535 bytes
  KeyBuilder& Tail(std::string_view v);  // without a length; the last part
  std::string Take() { return std::move(key_); }
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};
// Reads the parts of a key in order. Each function returns false, and consumes nothing, when the key is too
// short.
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
