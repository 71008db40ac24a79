// Opening RocksDB: options, locks, column families, and what a failed or damaged store means.
#include "storage/rocks_db.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/mutex.h"
#include "storage/rocksdb_error.h"
#include "storage/store_files.h"

namespace trine::storage {
namespace {

constexpr std::array<const char*, kFamilyCount> kFamilyNames = {
    "meta",     "resources",    "records",     "record_ids", "item_ids",
    "obsolete", "interactions", "user_events", "users",      "event_ids"};

// A larger manifest is replaced at its next change. RocksDB's default of 1 GiB would keep the keys of deleted
// rows for as long as the store is open.
constexpr uint64_t kMaxManifestBytes = 4096;
constexpr size_t kMaxWarnings = 200;           // kept to explain why a store cannot be opened
constexpr double kMaxFilterBytes = 256 << 10;  // of a memtable
constexpr size_t kLogStepBytes = 1u << 20;
constexpr std::string_view kNoteHead = "durable ";  // then the sequence number, 64 bits, little-endian

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
  // Returns all warnings that match.
  std::vector<std::string> All(bool (*wanted)(const std::string&)) const {
    const MutexLock lock(mutex_);
    std::vector<std::string> all;
    std::ranges::copy_if(lines_, std::back_inserter(all), wanted);
    return all;
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

// Reports that RocksDB stopped accepting writes.
class StopListener final : public rocksdb::EventListener {
 public:
  StopListener(std::string path, std::function<void(const Error&, bool, uint64_t)> on_stopped)
      : path_(std::move(path)), on_stopped_(std::move(on_stopped)) {}
  void SetDb(rocksdb::DB* db) { db_ = db; }
  // For a failed write, RocksDB calls this before it counts the batch, so the latest sequence number is that
  // of the last batch that succeeded.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    const rocksdb::DB* db = db_;
    if (db == nullptr || error->ok()) return;
    on_stopped_(StoreError(*error, path_), reason == rocksdb::BackgroundErrorReason::kWriteCallback,
                db->GetLatestSequenceNumber());
  }

 private:
  const std::string path_;
  const std::function<void(const Error&, bool, uint64_t)> on_stopped_;
  std::atomic<rocksdb::DB*> db_ = nullptr;
};

// Finds the largest number of a note (AddDurableNote) in a batch.
class NoteReader final : public rocksdb::WriteBatch::Handler {
 public:
  explicit NoteReader(uint64_t* newest) : newest_(newest) {}
  void LogData(const rocksdb::Slice& note) override {
    uint64_t sequence = 0;
    if (note.size() != kNoteHead.size() + sizeof(sequence) || !note.starts_with(kNoteHead.data())) return;
    std::memcpy(&sequence, note.data() + kNoteHead.size(), sizeof(sequence));
    *newest_ = std::max(*newest_, sequence);
  }
  rocksdb::Status PutCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status DeleteRangeCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return {};
  }

 private:
  uint64_t* const newest_;
};

// Reads the notes of a log without applying its batches.
class ReadNotes final : public rocksdb::WalFilter {
 public:
  explicit ReadNotes(uint64_t* newest) : newest_(newest) {}
  const char* Name() const override { return "trine.ReadNotes"; }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&, const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch*, bool*) override {
    NoteReader reader(newest_);
    static_cast<void>(batch.Iterate(&reader).ok());  // an unknown operation hides the notes behind it
    return WalProcessingOption::kIgnoreCurrentRecord;
  }

 private:
  uint64_t* const newest_;
};

// Drops the batches at the end of the log whose write failed.
class DropFailedWrites final : public rocksdb::WalFilter {
 public:
  explicit DropFailedWrites(uint64_t last_sequence) : last_sequence_(last_sequence) {}
  const char* Name() const override { return "trine.DropFailedWrites"; }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&, const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch*, bool*) override {
    // A batch begins with its sequence number, 64 bits, little-endian.
    uint64_t sequence = 0;
    if (batch.Data().size() < sizeof(sequence)) return WalProcessingOption::kContinueProcessing;
    std::memcpy(&sequence, batch.Data().data(), sizeof(sequence));
    return sequence > last_sequence_ ? WalProcessingOption::kStopReplay
                                     : WalProcessingOption::kContinueProcessing;
  }

 private:
  const uint64_t last_sequence_;
};

bool ReportsDroppedRecord(const std::string& line) {
  return line.find(".log") != std::string::npos && line.find("dropping") != std::string::npos;
}

// The name in the file CURRENT, which CheckCurrent has verified.
std::string CurrentManifest(const std::string& path) {
  std::ifstream file(path + "/CURRENT");
  std::string name;
  std::getline(file, name);
  return name;
}

// Compares the column families of an existing store with Family. A newer version of Trine may have
// created more families, and RocksDB refuses to open such a store. If the creation of a store was
// interrupted, it has fewer families; opening it for writing creates the missing ones.
Status CheckFamilies(const rocksdb::Options& o, const KeyValueOptions& options, const RocksOpening& opening,
                     const std::string& path) {
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(o, path, &names);
  if (listed.IsCorruption()) return StoreError(listed, path + "/" + CurrentManifest(path));
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
  if (names.size() > kFamilyNames.size()) return Ok();
  if (HoldsData(path))
    return Error(ErrorCode::kCorrupt,
                 "the manifest of the store was cut or is damaged: it does not name all column families, "
                 "although there are tables or logs")
        .Expected(std::to_string(kFamilyNames.size() + 1) + " column families")
        .Got(std::to_string(names.size()))
        .Where(path + "/" + CurrentManifest(path));
  if (opening.read_only || !options.create)
    return Error(ErrorCode::kNotFound, "the creation of the store was interrupted before it was complete")
        .Expected(std::to_string(kFamilyNames.size() + 1) + " column families")
        .Got(std::to_string(names.size()))
        .Where(path);
  return Ok();
}

rocksdb::Options StoreOptions(const KeyValueOptions& options, const RocksOpening& opening,
                              const std::string& path, std::shared_ptr<RecentWarnings> warnings) {
  rocksdb::Options o;
  if (opening.env != nullptr) o.env = opening.env;
  o.create_if_missing = options.create && !opening.read_only;
  o.create_missing_column_families = o.create_if_missing;
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
  o.avoid_flush_during_recovery = !opening.flush;
  o.skip_stats_update_on_db_open = true;
  o.stats_dump_period_sec = 0;
  o.stats_persist_period_sec = 0;
  // A crash during a write leaves an incomplete record at the very end of the log. Anywhere else, a record
  // that fails its checksum is an error unless `salvage` is set.
  o.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  if (options.salvage || opening.damage == RocksOpening::Damage::kSkip)
    o.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  if (opening.damage == RocksOpening::Damage::kEnd)
    o.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // A log file that was complete is listed in the manifest with its size. If it is missing or shorter when
  // the store is opened, acknowledged writes are lost, and opening fails.
  o.track_and_verify_wals_in_manifest = !options.salvage;
  o.max_manifest_file_size = kMaxManifestBytes;
  // RocksKeyValue::Recover opens the store again after an error. RocksDB's own recovery would keep the failed
  // batch at the end of the log, from where a later crash brings it back.
  o.max_bgerror_resume_count = 0;
  o.disable_auto_compactions = !opening.compactions;
  if (opening.on_stopped) o.listeners.push_back(std::make_shared<StopListener>(path, opening.on_stopped));
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

// The prefix of keys that begin with a 32-bit number and a text (see KeyBuilder). Its name is stored in
// tables: a change needs another name.
class NumberAndText final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "trine.u32_text"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), SizeOf(key)}; }
  bool InDomain(const rocksdb::Slice& key) const override { return SizeOf(key) > 0; }
  // Returns 0 if the key does not begin with both parts.
  static size_t SizeOf(const rocksdb::Slice& key) {
    KeyReader reader({key.data(), key.size()});
    uint32_t number = 0;
    std::string_view text;
    if (!reader.U32(&number) || !reader.Text(&text)) return 0;
    return key.size() - reader.Tail().size();
  }
};

bool HasUserPrefixes(Family family) { return family == Family::kUserEvents || family == Family::kUsers; }

// Most keys that are looked up in these families are new, and most persons have no events: filters
// make most searches of memtables and tables unnecessary.
rocksdb::ColumnFamilyOptions OptionsOf(Family family, const rocksdb::Options& o) {
  rocksdb::ColumnFamilyOptions options = o;
  const double ratio = std::min(0.05, kMaxFilterBytes / static_cast<double>(o.write_buffer_size));
  if (family == Family::kEventIds || family == Family::kRecordIds) {
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = ratio;
  } else if (HasUserPrefixes(family)) {
    options.prefix_extractor = std::make_shared<NumberAndText>();
    options.memtable_prefix_bloom_size_ratio = ratio;
    auto table = *o.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
    table.whole_key_filtering = false;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  }
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesOf(const rocksdb::Options& o) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(std::size(kFamilyNames) + 1);
  for (int i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    families.emplace_back(NameOf(family), OptionsOf(family, o));
  }
  return families;
}

// A log that is preallocated in steps of kLogStepBytes, at most so many bytes beyond its last record.
class SteppedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using rocksdb::FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;
  void SetPreallocationBlockSize(size_t size) override {
    target()->SetPreallocationBlockSize(std::min(size, kLogStepBytes));
  }
};

// Preallocated space counts as a part of a log. Otherwise each synced write would change the size of the
// file, which the file system would have to write, too: that took a third of the time of an event. A log
// that was not closed ends with zeros, which readers ignore; closing it cuts them off.
class PreallocatedLogs final : public rocksdb::FileSystemWrapper {
 public:
  explicit PreallocatedLogs(const std::shared_ptr<rocksdb::FileSystem>& files)
      : rocksdb::FileSystemWrapper(files) {}
  const char* Name() const override { return "trine.PreallocatedLogs"; }

  rocksdb::FileOptions OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                           const rocksdb::DBOptions& store) const override {
    rocksdb::FileOptions changed = target()->OptimizeForLogWrite(options, store);
    changed.fallocate_with_keep_size = false;
    return changed;
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus opened = target()->NewWritableFile(path, options, file, context);
    if (opened.ok() && path.ends_with(".log")) *file = std::make_unique<SteppedLog>(std::move(*file));
    return opened;
  }
};

// Creates all families in one step. Open would create missing families one by one, and write and sync an
// options file for each. If a crash interrupts this, the next open for writing creates the missing families.
rocksdb::Status CreateStore(const rocksdb::Options& o, const std::string& path,
                            std::vector<rocksdb::ColumnFamilyHandle*>* handles, rocksdb::DB** db) {
  std::vector<rocksdb::ColumnFamilyHandle*> first;
  rocksdb::Status s = rocksdb::DB::Open(o, path, {{rocksdb::kDefaultColumnFamilyName, o}}, &first, db);
  if (!s.ok()) return s;
  s = (*db)->CreateColumnFamilies(FamiliesOf(o), handles);
  handles->push_back(first.front());
  if (s.ok()) return s;
  for (auto* handle : *handles) (*db)->DestroyColumnFamilyHandle(handle);
  delete *db;
  return s;
}

rocksdb::Status OpenStore(const rocksdb::Options& o, const RocksOpening& opening, const std::string& path,
                          std::vector<rocksdb::ColumnFamilyHandle*>* handles, rocksdb::DB** db) {
  auto families = FamiliesOf(o);
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, o);
  return opening.read_only ? rocksdb::DB::OpenForReadOnly(o, path, families, handles, db)
                           : rocksdb::DB::Open(o, path, families, handles, db);
}

}  // namespace

void AddDurableNote(uint64_t sequence, rocksdb::WriteBatch* batch) {
  std::array<char, kNoteHead.size() + sizeof(sequence)> note;
  std::copy(kNoteHead.begin(), kNoteHead.end(), note.begin());
  std::memcpy(note.data() + kNoteHead.size(), &sequence, sizeof(sequence));
  const rocksdb::Status added = batch->PutLogData({note.data(), note.size()});
  TRINE_CHECK(added.ok());  // fails only for batches with a maximum size
}

RocksDb::~RocksDb() {
  if (db == nullptr) return;
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  static_cast<void>(db->Close().ok());
}

rocksdb::ColumnFamilyHandle* RocksDb::Handle(Family family) const {
  TRINE_DCHECK_LT(static_cast<int>(family), kFamilyCount);
  return handles[static_cast<size_t>(family)];
}

const char* NameOf(Family family) { return kFamilyNames[static_cast<size_t>(family)]; }

bool IsFilteredPrefix(Family family, std::string_view prefix) {
  return HasUserPrefixes(family) && !prefix.empty() &&
         NumberAndText::SizeOf({prefix.data(), prefix.size()}) == prefix.size();
}

// RocksDB has a lock of its own, but reports it as a general I/O error.
Result<FileDescriptor> LockStore(const std::string& path, StoreLock how) {
  const std::string file = path + "/" + std::string(kLockFile);
  const bool changes = how == StoreLock::kExclusive;
  FileDescriptor fd(
      ::open(file.c_str(), (changes ? O_RDWR | O_CREAT : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.open() && !changes && errno == ENOENT) return fd;
  if (!fd.open()) return SystemError("cannot open the lock file", file, errno);
  while (::flock(fd.get(), (how == StoreLock::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return SystemError("cannot lock the store", file, errno);
    return Error(ErrorCode::kInUse, "the data directory is in use by another process").Where(path);
  }
  return fd;
}

Status CheckCurrent(const std::string& path) {
  const std::string file = path + "/CURRENT";
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return Ok();
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return SystemError("cannot open a file of the store", file, errno);
  std::array<char, 64> bytes;
  const ssize_t read = ::read(fd.get(), bytes.data(), bytes.size());
  if (read < 0) return SystemError("cannot read a file of the store", file, errno);
  const std::string text(bytes.data(), static_cast<size_t>(read));
  const std::string name = text.substr(0, text.find('\n'));
  if (text == name + "\n" && IsManifestName(name) && std::filesystem::exists(path + "/" + name, failed))
    return Ok();
  return Error(ErrorCode::kCorrupt, "the file CURRENT of the store does not name its manifest")
      .Expected("the name of an existing file MANIFEST-<number>, and a newline")
      .Where(file);
}

Error MissingStore(const std::string& path) {
  std::error_code failed;
  const bool any =
      std::filesystem::exists(path, failed) && !std::filesystem::is_empty(path, failed) && !failed;
  const std::string manifest = NewestManifest(path);
  Error error(ErrorCode::kNotFound,
              !manifest.empty() ? "the file CURRENT of the store is missing, although the manifest " +
                                      manifest + " that it would name is there"
              : any ? "the file CURRENT of the store is missing, although its folder contains "
                      "other files"
                    : "the folder contains no store: it is empty, missing, or on a disk that is "
                      "not mounted");
  if (!manifest.empty()) error.details.emplace_back("manifest", manifest);
  return std::move(error).Expected("the file CURRENT").Where(path + "/CURRENT");
}

Result<std::vector<LostTable>> FindLostTables(const std::string& path, const KeyValueOptions& options,
                                              const RocksOpening& opening) {
  KeyValueOptions reading = options;
  reading.salvage = true;  // the log does not matter here
  uint64_t note = 0;
  RocksOpening any;
  any.env = opening.env;
  any.newest_note = &note;
  any.read_only = any.any_tables = true;
  std::vector<std::string> dropped;
  TRINE_ASSIGN(const auto opened, OpenRocks(path, reading, any, &dropped));
  std::vector<rocksdb::LiveFileMetaData> files;
  opened->db->GetLiveFilesMetaData(&files);
  std::vector<LostTable> lost;
  for (const rocksdb::LiveFileMetaData& file : files) {
    TRINE_ASSIGN(std::string why,
                 WhyTableIsLost(path + "/" + file.relative_filename, file.size, opening.env));
    if (why.empty()) continue;
    const auto handle = std::ranges::find(opened->handles, file.column_family_name,
                                          [](const auto* one) { return one->GetName(); });
    TRINE_CHECK(handle != opened->handles.end());
    lost.push_back({(*handle)->GetID(), file.column_family_name, file.level, file.file_number,
                    file.relative_filename, file.smallestkey, file.largestkey, file.size, std::move(why)});
  }
  return lost;
}

Result<std::unique_ptr<RocksDb>> OpenRocks(const std::string& path, const KeyValueOptions& options,
                                           const RocksOpening& opening, std::vector<std::string>* dropped) {
  const auto warnings = std::make_shared<RecentWarnings>();
  rocksdb::Options o = StoreOptions(options, opening, path, warnings);
  std::shared_ptr<rocksdb::WalFilter> filter;
  if (opening.newest_note != nullptr)
    filter = std::make_shared<ReadNotes>(opening.newest_note);
  else if (opening.last_sequence)
    filter = std::make_shared<DropFailedWrites>(*opening.last_sequence);
  o.wal_filter = filter.get();
  auto opened = std::make_unique<RocksDb>();
  if (opening.any_tables || !opening.without.empty() || (opening.read_only && options.salvage)) {
    TRINE_CHECK(opening.read_only);
    opened->env = NewEnvWithoutTables(o.env->GetFileSystem(), opening.without);
    o.env = opened->env.get();
    o.paranoid_checks = !opening.any_tables;
  } else if (!opening.read_only) {
    opened->env = rocksdb::NewCompositeEnv(std::make_shared<PreallocatedLogs>(o.env->GetFileSystem()));
    o.env = opened->env.get();
  }
  std::error_code unreadable;
  const bool exists = std::filesystem::exists(path + "/CURRENT", unreadable);
  if (unreadable)
    return SystemError("cannot check whether the folder contains a store", path, unreadable.value());
  if (!exists && !o.create_if_missing) return MissingStore(path);
  if (exists) TRINE_TRY(CheckFamilies(o, options, opening, path));
  opened->filter = filter;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status s = exists ? OpenStore(o, opening, path, &opened->handles, &db)
                                   : CreateStore(o, path, &opened->handles, &db);
  if (s.IsCorruption()) return StoreError(s, WhereCorrupt(s, path, *warnings));
  if (!s.ok()) return StoreError(s, path);
  opened->db.reset(db);
  TRINE_CHECK_EQ(opened->handles.size(), size_t{kFamilyCount} + 1);
  for (const auto& listener : o.listeners) static_cast<StopListener&>(*listener).SetDb(db);
  if (options.salvage) *dropped = warnings->All(&ReportsDroppedRecord);
  return opened;
}

}  // namespace trine::storage
