// KeyValue over RocksDB: one column family per Family, the write-ahead log synced per group of
// writers (RocksDB's own group commit), small memory and a fast start.
#include "storage/key_value.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <mutex>

namespace trine::storage {
namespace {

constexpr std::array<const char*, kFamilyCount> kFamilyNames = {
    "meta",     "resources",    "records",     "record_ids", "item_ids",
    "obsolete", "interactions", "user_events", "users",      "event_ids"};

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

// Keeps RocksDB's last warnings in memory in place of LOG files: they name the file that is broken,
// which its error values often do not.
class RecentWarnings final : public rocksdb::Logger {
 public:
  RecentWarnings() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list args) override {
    char line[512];
    std::vsnprintf(line, sizeof line, format, args);
    std::lock_guard lock(mutex_);
    if (lines_.size() >= 20) lines_.pop_front();
    lines_.emplace_back(line);
  }
  // The newest warning that mentions a file, or empty.
  std::string AboutAFile() const {
    std::lock_guard lock(mutex_);
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
      if (line->find(".log") != std::string::npos || line->find(".sst") != std::string::npos ||
          line->find("MANIFEST") != std::string::npos) {
        return *line;
      }
    }
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
};

// Who named a file wins: the error itself, else the newest warning, else the folder.
Error ToError(const rocksdb::Status& s, const std::string& path, const RecentWarnings* warnings = nullptr) {
  const std::string text = s.ToString();
  if (s.IsCorruption()) {
    std::string where = path;
    const bool named = text.find(".sst") != std::string::npos || text.find(".log") != std::string::npos ||
                       text.find("MANIFEST") != std::string::npos;
    if (!named && warnings != nullptr && !warnings->AboutAFile().empty())
      where += ": " + warnings->AboutAFile();
    return Error(ErrorCode::kCorrupt, "the store is broken: " + text).Where(std::move(where));
  }
  if (s.IsNoSpace()) return Error(ErrorCode::kNoSpace, "no space left for the store").Where(path);
  if (s.IsIOError() && (text.find("lock ") != std::string::npos || text.find("/LOCK") != std::string::npos)) {
    return Error(ErrorCode::kInUse, "the data directory is in use by another process").Where(path);
  }
  if (s.IsInvalidArgument() && text.find("create_if_missing") != std::string::npos) {
    return Error(ErrorCode::kNotFound, "there is no store in the folder").Where(path);
  }
  if (s.IsInvalidArgument() && text.find("olumn famil") != std::string::npos) {
    return Error(ErrorCode::kUnsupported, "the store was written by a newer version: " + text).Where(path);
  }
  if (s.IsTimedOut() || s.IsBusy()) return Error(ErrorCode::kBusy, "the store is busy: " + text).Where(path);
  return Error(ErrorCode::kIo, "the store failed: " + text).Where(path);
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
  std::string_view key() const override { return ToView(it_->key()); }
  std::string_view value() const override { return ToView(it_->value()); }
  Status status() const override {
    if (it_->status().ok()) return Ok();
    return ToError(it_->status(), path_);
  }

 private:
  std::unique_ptr<rocksdb::Iterator> it_;
  std::string path_;
};

class RocksKeyValue final : public KeyValue {
 public:
  RocksKeyValue(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> handles,
                std::string path)
      : db_(std::move(db)), handles_(std::move(handles)), path_(std::move(path)) {}
  ~RocksKeyValue() override {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    static_cast<void>(db_->Close().ok());
  }

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    std::string value;
    const auto s = db_->Get(rocksdb::ReadOptions(), Handle(family), ToSlice(key), &value);
    if (s.IsNotFound()) return std::optional<std::string>();
    if (!s.ok()) return ToError(s, path_);
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
        return ToError(statuses[i], path_);
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
      if (!s.ok()) return ToError(s, path_);
    }
    rocksdb::WriteOptions how;
    how.sync = durability == Durability::kSync;
    const auto s = db_->Write(how, &ops);
    if (!s.ok()) return ToError(s, path_);
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
    if (!s.ok()) return ToError(s, path);
    return Ok();
  }

  Status VerifyChecksums() const override {
    const auto s = db_->VerifyChecksum(rocksdb::ReadOptions());
    if (!s.ok()) return ToError(s, path_);
    return Ok();
  }

  Status Flush() override {
    const auto s = db_->Flush(rocksdb::FlushOptions(), handles_);
    if (!s.ok()) return ToError(s, path_);
    return Ok();
  }

 private:
  // The default family, which RocksDB insists on, is the last handle.
  rocksdb::ColumnFamilyHandle* Handle(Family family) const { return handles_[static_cast<size_t>(family)]; }

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
  // Memory: all families share one budget of unflushed writes.
  o.db_write_buffer_size = options.write_buffer_bytes;
  o.write_buffer_size = options.write_buffer_bytes / 2;
  o.max_write_buffer_number = 3;
  o.max_open_files = 512;
  // A fast start: little log to replay, no files written or opened that nobody has asked for yet.
  o.max_total_wal_size = options.write_buffer_bytes / 2;
  o.avoid_flush_during_recovery = true;
  o.skip_stats_update_on_db_open = true;
  o.stats_dump_period_sec = 0;
  o.stats_persist_period_sec = 0;
  // A record that does not match its checksum is only normal at the very end of the log.
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

// Makes all families in one step: made one by one, as Open does with missing ones, each would write
// and sync an options file of its own. A crash in between leaves a store that Open completes.
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
  if (path.empty()) return Error(ErrorCode::kInvalid, "an empty folder path");
  const auto warnings = std::make_shared<RecentWarnings>();
  const rocksdb::Options o = StoreOptions(options, warnings);
  if (o.create_if_missing) {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return Error(ErrorCode::kIo, "cannot make a folder: " + failed.message()).Where(path);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  std::error_code unreadable;  // then RocksDB meets it too, and says it better
  const bool fresh =
      o.create_if_missing && !std::filesystem::exists(path + "/CURRENT", unreadable) && !unreadable;
  const rocksdb::Status s =
      fresh ? CreateStore(o, path, &handles, &db) : OpenStore(o, options, path, &handles, &db);
  if (!s.ok()) return ToError(s, path, warnings.get());
  return std::unique_ptr<KeyValue>(
      std::make_unique<RocksKeyValue>(std::unique_ptr<rocksdb::DB>(db), std::move(handles), path));
}

}  // namespace trine::storage
