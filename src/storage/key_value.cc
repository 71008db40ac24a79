// KeyValue on RocksDB: one column family per Family, one sync of the write-ahead log per group of concurrent
// writers (RocksDB's group commit), little memory and a fast start.
#include "storage/key_value.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <filesystem>

#include "base/mutex.h"
#include "storage/file_descriptor.h"
#include "storage/rocksdb_error.h"

namespace trine::storage {
namespace {

constexpr std::array<const char*, kFamilyCount> kFamilyNames = {
    "meta",     "resources",    "records",     "record_ids", "item_ids",
    "obsolete", "interactions", "user_events", "users",      "event_ids"};

constexpr size_t kMaxWarnings = 20;  // kept to explain why a store cannot be opened
constexpr std::string_view kLockFile = "trine.lock";

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

bool MentionsFile(const std::string& text) {
  return text.find(".log") != std::string::npos || text.find(".sst") != std::string::npos ||
         text.find("MANIFEST") != std::string::npos;
}

// Keeps RocksDB's last warnings in memory instead of in LOG files. The warnings mention the corrupt
// file, which RocksDB's statuses often do not. Thread-safe.
class RecentWarnings final : public rocksdb::Logger {
 public:
  RecentWarnings() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list args) override {
    char line[512];
    std::vsnprintf(line, sizeof line, format, args);
    const MutexLock lock(mutex_);
    if (lines_.size() >= kMaxWarnings) lines_.pop_front();
    lines_.emplace_back(line);
  }
  // Returns the newest warning that mentions a file, or an empty string.
  std::string NewestAboutFile() const {
    const MutexLock lock(mutex_);
    const auto line = std::find_if(lines_.rbegin(), lines_.rend(), MentionsFile);
    return line == lines_.rend() ? std::string() : *line;
  }

 private:
  mutable Mutex mutex_;
  std::deque<std::string> lines_ TRINE_GUARDED_BY(mutex_);
};

// Returns `path`. If the status does not mention the corrupt file, appends the newest warning that does.
std::string WhereCorrupt(const rocksdb::Status& s, const std::string& path, const RecentWarnings& warnings) {
  const std::string warning = warnings.NewestAboutFile();
  return MentionsFile(s.ToString()) || warning.empty() ? path : path + ": " + warning;
}

// Locks the store in folder `path` until the descriptor is closed. Returns kInUse if the store is already
// open in this or another process. RocksDB has its own lock, but reports it as a general I/O error.
Result<FileDescriptor> LockStore(const std::string& path) {
  const std::string file = path + "/" + std::string(kLockFile);
  FileDescriptor fd(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.open()) return SystemError("cannot open the lock file", file, errno);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return SystemError("cannot lock the store", file, errno);
    return Error(ErrorCode::kInUse, "the data directory is in use by another process").Where(path);
  }
  return fd;
}

// Compares the column families of an existing store with Family. A newer version of Trine may have
// created more families, and RocksDB refuses to open such a store. If the creation of a store was
// interrupted, it has fewer families; opening it for writing creates the missing ones.
Status CheckFamilies(const rocksdb::Options& o, const KeyValueOptions& options, const std::string& path,
                     const RecentWarnings& warnings) {
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(o, path, &names);
  if (listed.IsCorruption()) return StoreError(listed, WhereCorrupt(listed, path, warnings));
  if (!listed.ok()) return StoreError(listed, path);
  for (const std::string& name : names) {
    if (name == rocksdb::kDefaultColumnFamilyName ||
        std::ranges::find(kFamilyNames, name) != kFamilyNames.end())
      continue;
    return Error(ErrorCode::kFormatVersion, "the store was written by a newer version of Trine")
        .Expected("the column families in docs/formats/keys.md")
        .Got(name)
        .Where(path);
  }
  if (options.read_only && names.size() <= kFamilyNames.size())
    return Error(ErrorCode::kNotFound, "the creation of the store was interrupted; open it for writing once")
        .Where(path);
  return Ok();
}

class RocksCursor final : public Cursor {
 public:
  RocksCursor(std::unique_ptr<rocksdb::Iterator> it, std::string path)
      : it_(std::move(it)), path_(std::move(path)) {}
  void Seek(std::string_view key) override { it_->Seek(ToSlice(key)); }
  void SeekBefore(std::string_view key) override {
    it_->SeekForPrev(ToSlice(key));
    if (it_->Valid() && ToView(it_->key()) == key) it_->Prev();
  }
  bool Valid() const override { return it_->Valid(); }
  void Next() override {
    if (it_->Valid()) it_->Next();
  }
  void Prev() override {
    if (it_->Valid()) it_->Prev();
  }
  std::string_view key() const override {
    TRINE_DCHECK(it_->Valid());
    return ToView(it_->key());
  }
  std::string_view value() const override {
    TRINE_DCHECK(it_->Valid());
    return ToView(it_->value());
  }
  Status status() const override {
    if (it_->status().ok()) return Ok();
    return StoreError(it_->status(), path_);
  }

 private:
  std::unique_ptr<rocksdb::Iterator> it_;
  std::string path_;
};

class RocksKeyValue final : public KeyValue {
 public:
  RocksKeyValue(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> handles,
                std::string path, FileDescriptor lock)
      : lock_(std::move(lock)), db_(std::move(db)), handles_(std::move(handles)), path_(std::move(path)) {
    TRINE_CHECK_EQ(handles_.size(), size_t{kFamilyCount} + 1);
  }
  ~RocksKeyValue() override {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    static_cast<void>(db_->Close().ok());
  }

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    std::string value;
    const auto s = db_->Get(rocksdb::ReadOptions(), Handle(family), ToSlice(key), &value);
    if (s.IsNotFound()) return std::optional<std::string>();
    if (!s.ok()) return StoreError(s, path_);
    return std::optional<std::string>(std::move(value));
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys) const override {
    std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> found(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db_->MultiGet(rocksdb::ReadOptions(), Handle(family), keys.size(), slices.data(), found.data(),
                  statuses.data());
    std::vector<std::optional<std::string>> values(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].ok()) {
        values[i].emplace(found[i].data(), found[i].size());
      } else if (!statuses[i].IsNotFound()) {
        return StoreError(statuses[i], path_);
      }
    }
    return values;
  }

  Status Write(const WriteBatch& batch, Durability durability) override {
    rocksdb::WriteBatch ops;
    for (const WriteBatch::Op& op : batch.ops()) {
      rocksdb::Status s;
      if (op.value) {
        s = ops.Put(Handle(op.family), op.key, *op.value);
      } else if (op.end.empty()) {
        s = ops.Delete(Handle(op.family), op.key);
      } else if (op.key < op.end) {
        s = ops.DeleteRange(Handle(op.family), op.key, op.end);
      }
      if (!s.ok()) return StoreError(s, path_);
    }
    rocksdb::WriteOptions how;
    how.sync = durability == Durability::kSync;
    const auto s = db_->Write(how, &ops);
    if (!s.ok()) return StoreError(s, path_);
    return Ok();
  }

  std::unique_ptr<Cursor> Scan(Family family) const override {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), Handle(family)));
    return std::make_unique<RocksCursor>(std::move(it), path_);
  }

  Status Checkpoint(const std::string& path) override {
    std::error_code failed;
    if (std::filesystem::exists(path, failed) && !std::filesystem::remove(path, failed)) {
      return Error(ErrorCode::kExists, "the folder for the copy is not empty").Where(path);
    }
    rocksdb::Checkpoint* made = nullptr;
    auto s = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (s.ok()) s = checkpoint->CreateCheckpoint(path);
    if (!s.ok()) return StoreError(s, path);
    return Ok();
  }

  Status VerifyChecksums() const override {
    const auto s = db_->VerifyChecksum(rocksdb::ReadOptions());
    if (!s.ok()) return StoreError(s, path_);
    return Ok();
  }

  Status Flush() override {
    const auto s = db_->Flush(rocksdb::FlushOptions(), handles_);
    if (!s.ok()) return StoreError(s, path_);
    return Ok();
  }

 private:
  // The last handle is the default family, which RocksDB requires but we do not use.
  rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    TRINE_DCHECK_LT(static_cast<int>(family), kFamilyCount);
    return handles_[static_cast<size_t>(family)];
  }

  FileDescriptor lock_;  // not held for read-only stores; declared first, so it is released after db_
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  const std::string path_;
};

rocksdb::Options StoreOptions(const KeyValueOptions& options, std::shared_ptr<RecentWarnings> warnings) {
  rocksdb::Options o;
  o.create_if_missing = options.create && !options.read_only;
  o.create_missing_column_families = true;
  o.info_log = std::move(warnings);
  o.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  o.max_background_jobs = 2;
  // All families share one memory budget for unflushed writes.
  o.db_write_buffer_size = options.write_buffer_bytes;
  o.write_buffer_size = options.write_buffer_bytes / 2;
  o.max_write_buffer_number = 3;
  o.max_open_files = 512;
  // For a fast start: little log to replay, and no file is written or opened before it is needed.
  o.max_total_wal_size = options.write_buffer_bytes / 2;
  o.avoid_flush_during_recovery = true;
  o.skip_stats_update_on_db_open = true;
  o.stats_dump_period_sec = 0;
  o.stats_persist_period_sec = 0;
  // A crash during a write leaves an incomplete record at the very end of the log. Anywhere else, a record
  // that fails its checksum is an error unless `salvage` is set.
  o.wal_recovery_mode = options.salvage ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                        : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  o.compression = rocksdb::kLZ4Compression;
  o.bottommost_compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_size = 16u << 10;
  table.format_version = 5;
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return o;
}

// Creates all families in one step. Open would create missing families one by one, and write and sync an
// options file for each. If a crash interrupts this, the next open for writing creates the missing families.
rocksdb::Status CreateStore(const rocksdb::Options& o, const std::string& path,
                            std::vector<rocksdb::ColumnFamilyHandle*>* handles, rocksdb::DB** db) {
  std::vector<rocksdb::ColumnFamilyHandle*> first;
  rocksdb::Status s = rocksdb::DB::Open(o, path, {{rocksdb::kDefaultColumnFamilyName, o}}, &first, db);
  if (!s.ok()) return s;
  s = (*db)->CreateColumnFamilies(o, {kFamilyNames.begin(), kFamilyNames.end()}, handles);
  handles->push_back(first.front());
  if (s.ok()) return s;
  for (auto* handle : *handles) (*db)->DestroyColumnFamilyHandle(handle);
  delete *db;
  return s;
}

rocksdb::Status OpenStore(const rocksdb::Options& o, const KeyValueOptions& options, const std::string& path,
                          std::vector<rocksdb::ColumnFamilyHandle*>* handles, rocksdb::DB** db) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(std::size(kFamilyNames) + 1);
  for (const char* name : kFamilyNames) families.emplace_back(name, o);
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, o);
  return options.read_only ? rocksdb::DB::OpenForReadOnly(o, path, families, handles, db)
                           : rocksdb::DB::Open(o, path, families, handles, db);
}

}  // namespace

Result<std::unique_ptr<KeyValue>> OpenKeyValue(const std::string& path, const KeyValueOptions& options) {
  if (path.empty()) return Error(ErrorCode::kInvalid, "the folder path is empty");
  const auto warnings = std::make_shared<RecentWarnings>();
  const rocksdb::Options o = StoreOptions(options, warnings);
  if (o.create_if_missing) {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return Error(ErrorCode::kIo, "cannot create a folder: " + failed.message()).Where(path);
  }
  std::error_code unreadable;
  const bool exists = std::filesystem::exists(path + "/CURRENT", unreadable);
  if (unreadable)
    return SystemError("cannot check whether the folder contains a store", path, unreadable.value());
  if (!exists && !o.create_if_missing)
    return Error(ErrorCode::kNotFound, "the folder contains no store").Where(path);
  FileDescriptor lock;
  if (!options.read_only) {
    TRINE_ASSIGN(lock, LockStore(path));
  }
  if (exists) TRINE_TRY(CheckFamilies(o, options, path, *warnings));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status s =
      exists ? OpenStore(o, options, path, &handles, &db) : CreateStore(o, path, &handles, &db);
  if (s.IsCorruption()) return StoreError(s, WhereCorrupt(s, path, *warnings));
  if (!s.ok()) return StoreError(s, path);
  return std::unique_ptr<KeyValue>(std::make_unique<RocksKeyValue>(
      std::unique_ptr<rocksdb::DB>(db), std::move(handles), path, std::move(lock)));
}

}  // namespace trine::storage
