// KeyValue: the ordered store that holds every fact. One column family per kind of fact.
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

// Changes applied all together or not at all, in order.
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
  // Every key in [begin, end); nothing when end <= begin. `end` must not be empty.
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

enum class Durability { kSync, kBuffered };  // kSync: acknowledged after the log is on disk

// Walks keys in byte order. Valid while the KeyValue lives; sees one consistent state. Not thread-safe.
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
  virtual Status status() const = 0;  // kCorrupt or kIo when the walk broke
};

// Thread-safe. Concurrent kSync writes share one fsync (group commit).
class KeyValue {
 public:
  virtual ~KeyValue() = default;
  virtual Result<std::optional<std::string>> Get(Family family, std::string_view key) const = 0;
  virtual Result<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys) const = 0;
  virtual Status Write(const WriteBatch& batch, Durability durability) = 0;
  virtual std::unique_ptr<Cursor> Scan(Family family) const = 0;
  // A consistent copy into an empty or missing folder while serving (hard links where possible).
  virtual Status Checkpoint(const std::string& path) = 0;
  virtual Status VerifyChecksums() const = 0;  // reads everything
  virtual Status Flush() = 0;
};

struct KeyValueOptions {
  size_t block_cache_bytes = 64u << 20;
  size_t write_buffer_bytes = 32u << 20;
  bool read_only = false;  // needs no lock; sees what was there when it opened
  bool create = true;      // kNotFound when missing and this is false
  // Opens a store whose write-ahead log is broken in the middle, dropping everything after the break.
  // Without it such a store is kCorrupt, because the dropped writes were acknowledged.
  bool salvage = false;
};
// RocksDB in folder `path`. kInUse when another process has it open; kCorrupt names the broken file.
// A log that merely ends early (a crash while appending) is normal and opens.
Result<std::unique_ptr<KeyValue>> OpenKeyValue(const std::string& path, const KeyValueOptions& options = {});
// An in-memory twin for tests, with the same semantics.
std::unique_ptr<KeyValue> NewMemoryKeyValue();

// Order-preserving key parts: integers big-endian, strings as (u16 length, bytes) unless last.
class KeyBuilder {
 public:
  KeyBuilder& U16(uint16_t v);
  KeyBuilder& U32(uint32_t v);
  KeyBuilder& U64(uint64_t v);
  KeyBuilder& Text(
      std::string_view v);  // length-prefixed, for a part that others follow; at most 65,535 bytes
  KeyBuilder& Tail(std::string_view v);  // raw, the last part
  std::string Take() { return std::move(key_); }
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};
// Reads what KeyBuilder wrote; false when too short.
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
