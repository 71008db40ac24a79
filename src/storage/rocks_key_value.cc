// KeyValue on RocksDB: one column family per Family, one sync of the write-ahead log per group of concurrent
// writers (RocksDB's group commit), little memory and a fast start.
#include "storage/rocks_key_value.h"

#include <fcntl.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/mutex.h"
#include "storage/deleted_ranges.h"
#include "storage/free_space.h"
#include "storage/rocks_cursor.h"
#include "storage/rocksdb_error.h"
#include "storage/space_reserve.h"
#include "storage/store_files.h"
#include "storage/synced_mark.h"

namespace trine::storage {
namespace {

// Lists what is damaged or missing, one sentence per line, so that the next start knows it without reading
// everything. The beginnings of lines are stored on disk: never change one.
constexpr const char* kDamageFile = "trine.damage";
constexpr std::string_view kMissingPrefix = "missing: ";
constexpr std::string_view kUnsurePrefix = "unsure: ";
constexpr const char* kSyncedFile = "trine.synced";
// A row of the default family with this key states that the store has a durable file kSyncedFile. The first
// write after the file was made stores it, so that a missing file is noticed later.
constexpr const char* kHasMarkKey = "trine.synced";
constexpr const char* kProbeFile = "trine.probe";
constexpr const char* kReserveFile = "trine.reserve";
// A row of the default family that is written to add a change to the manifest.
constexpr const char* kPurgedKey = "trine.purged";
constexpr int kMaxRenewals = 200;         // changes; each adds more than a hundred bytes to the manifest
constexpr size_t kProbeBytes = 1u << 20;  // a store with less free space could not even open its log
// How long Recover waits for running reads to end, in steps: they use the database that it must close.
constexpr int kRecoverSteps = 100;
constexpr auto kRecoverStep = std::chrono::milliseconds(10);

// The sequence number of the last operation of a batch that was written: RocksDB stores that of the first one
// at the batch's beginning, 64 bits, little-endian.
uint64_t LastSequence(const rocksdb::WriteBatch& batch) {
  uint64_t first = 0;
  TRINE_CHECK_GE(batch.Data().size(), sizeof(first));
  std::memcpy(&first, batch.Data().data(), sizeof(first));
  return batch.Count() == 0 ? 0 : first + batch.Count() - 1;
}

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }

bool IsDiskFailure(const Error& error) { return error.kind() == ErrorKind::kIo; }

// The part of a key after its number: a number if it is one, otherwise text.
std::string DescribeRest(std::string_view rest) {
  KeyReader reader(rest);
  uint64_t number = 0;
  const bool just_after = rest.size() == 9 && rest.back() == '\0';  // where a cursor continues after a key
  if ((rest.size() == 8 || just_after) && reader.U64(&number)) return std::to_string(number);
  std::string text;
  for (const char c : rest.substr(0, 40)) text += c >= ' ' && c <= '~' ? c : '.';
  return "\"" + text + "\"";
}

std::string DescribeKey(Family family, std::string_view key) {
  if (key.empty()) return "the end";
  const bool numbered = family != Family::kMeta && family != Family::kResources;
  KeyReader reader(key);
  uint32_t number = 0;
  if (!numbered || !reader.U32(&number)) return DescribeRest(key);
  return std::to_string(number) + "/" + (reader.Tail().empty() ? "" : DescribeRest(reader.Tail()));
}

// Names a table that is lost, with the range of its keys.
std::string DescribeTable(const LostTable& table) {
  std::string range = table.family;
  for (int family = 0; family < kFamilyCount; ++family) {
    const auto one = static_cast<Family>(family);
    if (table.family == NameOf(one))
      range += " from " + DescribeKey(one, table.first) + " to " + DescribeKey(one, table.last);
  }
  return table.name + " " + table.why + "; it had rows of " + range + ", " + std::to_string(table.bytes) +
         " bytes";
}

// Whether the error may come from the content of the folder.
bool IsAboutFiles(const Error& error) {
  return error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kIo;
}

class RocksKeyValue final : public KeyValue {
 public:
  RocksKeyValue(std::string path, const KeyValueOptions& options, rocksdb::Env* env)
      : path_(std::move(path)),
        options_(options),
        env_(env),
        // Opening the store again writes its log, which has half of the write buffer at most, to tables.
        reserve_(path_ + "/" + kReserveFile, options.write_buffer_bytes / 2 + kProbeBytes) {
    health().SetLog(options.log);
    health().SetKeep([this](Finding finding, const std::string& what) { KeepFinding(finding, what); });
    on_damage_ = [this](Family family, std::string_view from, std::string_view to) {
      NoteDamage(std::string(NameOf(family)) + " between " + DescribeKey(family, from) + " and " +
                 DescribeKey(family, to));
    };
  }

  Status Open();

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    std::string value;
    TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
    const auto s = db->db->Get(rocksdb::ReadOptions(), db->Handle(family), ToSlice(key), &value);
    if (s.IsNotFound()) return std::optional<std::string>();
    if (s.ok()) return std::optional<std::string>(std::move(value));
    if (s.IsCorruption()) NoteDamagedRow(family, key);
    return StoreError(s, path_);
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys) const override;
  Status Write(const WriteBatch& batch, Durability durability) override;

  std::unique_ptr<Cursor> Scan(Family family) const override {
    auto db = Db();
    if (!db.ok()) return NewFailedCursor(db.error());
    return std::make_unique<RocksCursor>(std::move(db).value(), family, "", path_, on_damage_);
  }

  std::unique_ptr<Cursor> ScanPrefix(Family family, std::string_view prefix) const override {
    if (!IsFilteredPrefix(family, prefix)) return KeyValue::ScanPrefix(family, prefix);
    auto db = Db();
    if (!db.ok()) return NewFailedCursor(db.error());
    auto cursor =
        std::make_unique<RocksCursor>(std::move(db).value(), family, std::string(prefix), path_, on_damage_);
    cursor->Seek(prefix);
    return cursor;
  }

  Status Checkpoint(const std::string& path) override {
    std::error_code failed;
    if (std::filesystem::exists(path, failed) && !std::filesystem::remove(path, failed)) {
      return Error(ErrorCode::kExists, "the folder for the copy is not empty").Where(path);
    }
    TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
    rocksdb::Checkpoint* made = nullptr;
    auto s = rocksdb::Checkpoint::Create(db->db.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (s.ok()) s = checkpoint->CreateCheckpoint(path);
    if (!s.ok()) return StoreError(s, path);
    return Ok();
  }

  StoreMemory memory() const override {
    using Properties = rocksdb::DB::Properties;
    const auto db = Db();
    if (!db.ok()) return {};
    const auto sum = [&](const std::string& property) {
      uint64_t value = 0;
      return (*db)->db->GetAggregatedIntProperty(property, &value) ? value : 0;
    };
    StoreMemory memory;
    memory.memtables = sum(Properties::kSizeAllMemTables);
    memory.table_readers = sum(Properties::kEstimateTableReadersMem);
    memory.merge_backlog = sum(Properties::kEstimatePendingCompactionBytes);
    // All families share one cache.
    uint64_t cached = 0;
    if ((*db)->db->GetIntProperty(Properties::kBlockCacheUsage, &cached)) memory.block_cache = cached;
    return memory;
  }

  Status VerifyChecksums() const override;

  Status Flush() override {
    TRINE_TRY(MayWrite(health(), {}));
    TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
    const auto s = db->db->Flush(rocksdb::FlushOptions(), db->handles);
    if (!s.ok()) return StoreError(s, path_);
    return Ok();
  }

  Status Recover() override;
  Status Reclaim(const std::stop_token& stop) override;
  Status Purge(const std::vector<KeyRange>& ranges, const std::stop_token& stop) override;
  Result<std::vector<std::string>> Files() const override;

 private:
  Result<std::shared_ptr<RocksDb>> Db() const {
    const MutexLock lock(mutex_);
    if (db_ != nullptr) return db_;
    return Error(ErrorCode::kIo, "the store is closed, because opening it again after an error failed")
        .Where(path_);
  }
  Status Lock(std::optional<Error>* refused);
  RocksOpening Opening();
  Status Reopen() TRINE_REQUIRES(mutex_);
  Status TestDisk() const;
  void StopWrites(const Error& why);
  Status LeaveOutTables(RocksOpening* opening);
  Result<std::unique_ptr<RocksDb>> OpenBeyondUnsynced(RocksOpening opening, const Error& why,
                                                      std::vector<std::string>* dropped) const;
  void CompareWithMark(const RocksDb& db, const SyncedMark::Content& mark);
  void ReadKnownDamage();
  void NoteDamage(const std::string& what) const;
  Status AppendNote(const std::string& line) const;
  void KeepFinding(Finding finding, const std::string& what);
  bool HasRoomToRewrite(const RocksDb& db, const DeletedRange& range) const;
  rocksdb::Status RewriteRange(const RocksDb& db, const DeletedRange& range, std::atomic<bool>* canceled);
  Status RenewManifest(const RocksDb& db);
  void NoteDamagedRow(Family family, std::string_view key) const {
    NoteDamage("the row " + DescribeKey(family, key) + " of " + NameOf(family));
  }

  const std::string path_;
  const KeyValueOptions options_;
  rocksdb::Env* const env_;
  OnDamage on_damage_;
  FileDescriptor lock_;  // may be empty for read-only stores; declared before db_, so it is released after it
  // UINT64_MAX, or the sequence number of the last write before the first one that failed.
  std::atomic<uint64_t> last_sequence_ = UINT64_MAX;
  std::atomic<bool> compactions_ = true;
  std::atomic<bool> keeps_notes_ = false;     // findings are appended to kDamageFile
  std::atomic<bool> note_failed_ = false;     // the last finding could not be appended
  std::atomic<bool> lacks_mark_row_ = false;  // the next synced write stores kHasMarkKey
  SyncedMark synced_;
  DeletedRanges deleted_;
  SpaceReserve reserve_;   // used by Recover and Reclaim only
  bool released_ = false;  // by Recover, which has not opened the store again yet
  // Held while the database is opened again, so that readers wait.
  mutable Mutex mutex_;
  std::shared_ptr<RocksDb> db_ TRINE_GUARDED_BY(mutex_);
};

Status RocksKeyValue::AppendNote(const std::string& line) const {
  const std::string path = path_ + "/" + kDamageFile;
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.open()) return SystemError("cannot open a file", path, errno);
  TRINE_TRY(WriteAll(file, line + "\n", path));
  if (::fsync(file.get()) != 0) return SystemError("cannot sync a file", path, errno);
  return Ok();
}

void RocksKeyValue::NoteDamage(const std::string& what) const {
  if (health().Damaged(what) && keeps_notes_) static_cast<void>(AppendNote(what).ok());
}

// Findings that the next start could not make again are kept until the store is replaced.
void RocksKeyValue::KeepFinding(Finding finding, const std::string& what) {
  if (!keeps_notes_) return;
  const std::string_view prefix = finding == Finding::kMissing ? kMissingPrefix : kUnsurePrefix;
  const Status kept = AppendNote(std::string(prefix) + what);
  note_failed_ = !kept.ok();
  if (!kept.ok() && options_.log != nullptr)
    options_.log->Error("a finding will be forgotten at the next start: " + kept.error().ToString());
}

// Finds out whether the newest durable writes are missing, because a log was cut, removed, or lost by the
// disk. Then the mark stays as it is until the finding has been noted. `mark` is the content from before the
// store was opened: another process may write to a store that is opened for reading.
void RocksKeyValue::CompareWithMark(const RocksDb& db, const SyncedMark::Content& mark) {
  const uint64_t found = db.db->GetLatestSequenceNumber();
  std::string value;
  const bool has_row = db.db->Get(rocksdb::ReadOptions(), db.handles.back(), kHasMarkKey, &value).ok();
  note_failed_ = false;
  if (mark.sequence && found < *mark.sequence) {
    health().Missing("the newest log of the facts was cut or removed: it ends at write " +
                     std::to_string(found) + ", but writes up to " + std::to_string(*mark.sequence) +
                     " were acknowledged");
  } else if (!mark.damage.empty()) {
    health().Report(Finding::kUnsure, "the file " + std::string(kSyncedFile) +
                                          " of the facts, which names the newest durable write, " +
                                          mark.damage);
  } else if (!mark.sequence && has_row) {
    health().Remark("the file " + std::string(kSyncedFile) +
                    " of the facts is missing or empty, so it cannot be told whether the newest writes are "
                    "missing; the next start for writing makes it again");
  }
  if (!keeps_notes_ || note_failed_) return;
  lacks_mark_row_ = synced_.Open(path_ + "/" + kSyncedFile, found) && !has_row;
}

void RocksKeyValue::ReadKnownDamage() {
  std::ifstream file(path_ + "/" + kDamageFile);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kMissingPrefix)) {
      health().Missing(line.substr(kMissingPrefix.size()));
    } else if (line.starts_with(kUnsurePrefix)) {
      health().Report(Finding::kUnsure, line.substr(kUnsurePrefix.size()));
    } else if (!line.empty()) {
      health().Damaged(line);
    }
  }
}

RocksOpening RocksKeyValue::Opening() {
  RocksOpening opening;
  opening.read_only = options_.read_only;
  opening.env = env_;
  opening.compactions = compactions_;
  if (last_sequence_ != UINT64_MAX) opening.last_sequence = last_sequence_;
  opening.on_stopped = [this](const Error& why, bool by_write, uint64_t sequence) {
    if (by_write) {
      uint64_t none = UINT64_MAX;
      last_sequence_.compare_exchange_strong(none, sequence);
    }
    if (why.kind() == ErrorKind::kCorrupt) compactions_ = false;
    StopWrites(why);
  };
  return opening;
}

// Takes the lock. Sets `refused` if only the lock of a reader can be taken, because the disk cannot be
// written to.
Status RocksKeyValue::Lock(std::optional<Error>* refused) {
  if (options_.read_only && !options_.exclusive) return Ok();
  auto lock = LockStore(path_, options_.read_only ? StoreLock::kShared : StoreLock::kExclusive);
  if (!lock.ok() && !options_.read_only && options_.serve_reads && IsDiskFailure(lock.error())) {
    *refused = lock.error();
    lock = LockStore(path_, StoreLock::kExclusiveReadOnly);
  }
  if (!lock.ok()) return lock.error();
  lock_ = std::move(lock).value();
  return Ok();
}

Status RocksKeyValue::Open() {
  std::error_code unreadable;
  const bool exists = std::filesystem::exists(path_ + "/CURRENT", unreadable);
  if (unreadable) return SystemError("cannot open the store", path_ + "/CURRENT", unreadable.value());
  if (!exists && !(options_.create && !options_.read_only)) return MissingStore(path_);
  TRINE_TRY(CheckFileTypes(path_));
  const Status tables = CheckTableTypes(path_);
  std::optional<Error> refused;  // why only reads are served
  TRINE_TRY(Lock(&refused));
  TRINE_TRY(CheckCurrent(path_));  // under the lock, because an open store replaces its manifest
  const SyncedMark::Content mark = SyncedMark::Read(path_ + "/" + kSyncedFile);
  std::vector<std::string> dropped;
  RocksOpening opening = Opening();
  if (options_.salvage && options_.read_only) TRINE_TRY(LeaveOutTables(&opening));
  const auto open = [&] { return OpenRocks(path_, options_, opening, &dropped); };
  auto opened = refused                                   ? Result<std::unique_ptr<RocksDb>>(*refused)
                : tables.ok() || !opening.without.empty() ? open()
                                                          : tables.error();
  // RocksDB's error does not always name a table that is missing or cannot be opened, so the files are
  // checked. A failure of the disk says nothing about them.
  if (!opened.ok() && !refused && opening.without.empty() && IsAboutFiles(opened.error())) {
    const Error why = opened.error();
    TRINE_TRY(LeaveOutTables(&opening));
    opened = opening.without.empty() ? Result<std::unique_ptr<RocksDb>>(why) : open();
  }
  if (!opened.ok() && opened.error().code == ErrorCode::kCorrupt)
    opened = OpenBeyondUnsynced(opening, opened.error(), &dropped);
  if (!opened.ok() && options_.serve_reads && IsDiskFailure(opened.error())) {
    refused = opened.error();
    opening.read_only = true;
    opened = open();
    // Damage is worth more to an operator than that the disk cannot be written to as well.
    if (!opened.ok()) return opened.error().code == ErrorCode::kCorrupt ? opened.error() : *refused;
  }
  if (!opened.ok()) return opened.error();
  if (refused) health().WritesFailed(*refused);
  ReadKnownDamage();
  keeps_notes_ = !options_.read_only && !refused;
  for (const std::string& line : dropped) NoteDamage(line);
  const MutexLock lock(mutex_);
  db_ = std::move(opened).value();
  CompareWithMark(*db_, mark);
  return Ok();
}

// A store that is opened for reading does without the tables that are lost, and health() names them. Opened
// for writing, it would forget them, so that is refused: kCorrupt. Ok if no table is lost, or if that cannot
// be told.
Status RocksKeyValue::LeaveOutTables(RocksOpening* opening) {
  auto lost = FindLostTables(path_, options_, *opening);
  if (!lost.ok() || lost->empty()) return Ok();
  if (!options_.read_only) {
    constexpr size_t kNamed = 10;
    std::string all;
    for (size_t i = 0; i < std::min(lost->size(), kNamed); ++i)
      all += (i == 0 ? "" : "; and ") + DescribeTable((*lost)[i]);
    if (lost->size() > kNamed) all += "; and " + std::to_string(lost->size() - kNamed) + " more";
    return Error(ErrorCode::kCorrupt, "a file of the store cannot be used: " + all)
        .Where(path_ + "/" + lost->front().name);
  }
  for (const LostTable& table : *lost) health().Missing(DescribeTable(table));
  opening->without = std::move(lost).value();
  return Ok();
}

// After a loss of power, the end of a log may contain garbage that was never synced. RocksDB can ignore
// everything from the first damaged record on. That is right unless a durable write follows. The mark tells,
// but after a loss of power it may be an old one; then the notes in the records behind the damage tell. So
// the log is first read twice without changing anything. Returns `why` if it must not be opened in this way.
Result<std::unique_ptr<RocksDb>> RocksKeyValue::OpenBeyondUnsynced(RocksOpening opening, const Error& why,
                                                                   std::vector<std::string>* dropped) const {
  if (options_.salvage) return why;
  uint64_t durable = 0;
  const bool read_only = std::exchange(opening.read_only, true);
  opening.damage = RocksOpening::Damage::kSkip;
  opening.newest_note = &durable;
  if (!OpenRocks(path_, options_, opening, dropped).ok()) return why;
  opening.damage = RocksOpening::Damage::kEnd;
  opening.newest_note = nullptr;
  durable = std::max(durable, SyncedMark::Read(path_ + "/" + kSyncedFile).sequence.value_or(0));
  auto tried = OpenRocks(path_, options_, opening, dropped);
  if (!tried.ok() || (*tried)->db->GetLatestSequenceNumber() < durable) return why;
  if (options_.log != nullptr)
    options_.log->Warning(
        "the newest log of the facts ends with an incomplete write, as after a loss of power; the write was "
        "never acknowledged and is ignored. The log ends at write " +
        std::to_string((*tried)->db->GetLatestSequenceNumber()));
  if (read_only) return tried;
  tried->reset();
  opening.read_only = false;
  opening.flush = true;
  return OpenRocks(path_, options_, opening, dropped);
}

Result<std::vector<std::optional<std::string>>> RocksKeyValue::MultiGet(
    Family family, const std::vector<std::string>& keys) const {
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
  db->db->MultiGet(rocksdb::ReadOptions(), db->Handle(family), keys.size(), slices.data(), found.data(),
                   statuses.data());
  std::vector<std::optional<std::string>> values(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok()) {
      values[i].emplace(found[i].data(), found[i].size());
    } else if (statuses[i].IsCorruption()) {
      NoteDamagedRow(family, keys[i]);
    } else if (!statuses[i].IsNotFound()) {
      return StoreError(statuses[i], path_);
    }
    found[i].Reset();  // it may refer to a block of the database, which must not outlive `db`
  }
  return values;
}

// The parts of a table that tell where its rows are have no checksum: if they are damaged, every block is
// good, but rows cannot be read. So the rows are read, too, and then health() names those that cannot be.
Status RocksKeyValue::VerifyChecksums() const {
  TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
  const auto s = db->db->VerifyChecksum(rocksdb::ReadOptions());
  const Result<RowsRead> read = ReadEveryRow(*this);
  if (!s.ok()) return StoreError(s, path_);
  TRINE_TRY(read);
  if (read->skipped == 0) return Ok();
  return Error(ErrorCode::kCorrupt, "rows of the store cannot be read, although every block has its checksum")
      .Where(path_);
}

Status RocksKeyValue::Write(const WriteBatch& batch, Durability durability) {
  if (Status allowed = MayWrite(health(), batch); !allowed.ok()) {
    health().CountRefused();
    return allowed;
  }
  TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
  rocksdb::WriteBatch ops;
  for (const WriteBatch::Op& op : batch.ops()) {
    rocksdb::Status s;
    if (op.value) {
      s = ops.Put(db->Handle(op.family), op.key, *op.value);
    } else if (op.end.empty()) {
      s = ops.Delete(db->Handle(op.family), op.key);
    } else if (op.key < op.end) {
      s = ops.DeleteRange(db->Handle(op.family), op.key, op.end);
    }
    if (!s.ok()) return StoreError(s, path_);
  }
  rocksdb::WriteOptions how;
  how.sync = durability == Durability::kSync;
  const bool adds_mark_row = how.sync && lacks_mark_row_;
  if (adds_mark_row) {
    const auto added = ops.Put(db->handles.back(), kHasMarkKey, "");
    if (!added.ok()) return StoreError(added, path_);
  }
  if (ops.Count() > 0) AddDurableNote(synced_.newest(), &ops);
  const auto s = db->db->Write(how, &ops);
  if (s.ok()) {
    deleted_.Note(batch);
    if (adds_mark_row) lacks_mark_row_ = false;
    if (how.sync) synced_.Advance(LastSequence(ops));
    return Ok();
  }
  Error error = StoreError(s, path_);
  if (!IsServerFailure(error.kind()) || options_.read_only) return error;
  StopWrites(error);
  return std::move(error).Detail("blocked", "store");
}

bool RocksKeyValue::HasRoomToRewrite(const RocksDb& db, const DeletedRange& range) const {
  const rocksdb::Range keys(range.first, range.last);
  uint64_t bytes = 0;
  const auto measured = db.db->GetApproximateSizes(rocksdb::SizeApproximationOptions(),
                                                   db.Handle(range.family), &keys, 1, &bytes);
  const auto disk = MeasureDisk(path_);
  return measured.ok() && disk.ok() && bytes < disk->free / 2;
}

// A store that has failed must be opened again, also if new data was refused before for lack of space.
void RocksKeyValue::StopWrites(const Error& why) {
  const Status now = health().Writable();
  if (!now.ok() && IsSpaceReserved(now.error())) health().WritesWork();
  health().WritesFailed(why);
}

// Incomplete if `canceled` is set.
rocksdb::Status RocksKeyValue::RewriteRange(const RocksDb& db, const DeletedRange& range,
                                            std::atomic<bool>* canceled) {
  rocksdb::CompactRangeOptions how;
  how.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  how.exclusive_manual_compaction = false;  // otherwise flushes would pile up and stall writes
  how.canceled = canceled;
  const rocksdb::Slice first(range.first), last(range.last);
  if (*canceled) return rocksdb::Status::Incomplete();
  return db.db->CompactRange(how, db.Handle(range.family), &first, &last);
}

// Rewrites the files without the deleted rows. (Removing whole files would be faster, but it also removes
// rows that were stored after the deletion.)
Status RocksKeyValue::Reclaim(const std::stop_token& stop) {
  // A compaction that meets a damaged block would stop all writes.
  if (options_.read_only || !compactions_ || !MayWrite(health(), {}).ok()) return Ok();
  std::vector<DeletedRange> ranges = deleted_.Take();
  if (ranges.empty()) return Ok();
  TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
  // A compaction first writes the memory of the store to a table.
  if (const auto disk = MeasureDisk(path_); disk.ok() && disk->free < options_.write_buffer_bytes)
    static_cast<void>(reserve_.Release());
  std::atomic<bool> canceled = false;
  const std::stop_callback cancel(stop, [&canceled] { canceled = true; });
  Status all = Ok();
  for (DeletedRange& range : ranges) {
    if (!range.whole && !HasRoomToRewrite(*db, range)) continue;
    const auto s = RewriteRange(*db, range, &canceled);
    if (s.ok()) continue;
    if (all.ok() && !s.IsIncomplete()) all = StoreError(s, path_);
    deleted_.PutBack(std::move(range));
  }
  return all;
}

Status RocksKeyValue::Purge(const std::vector<KeyRange>& ranges, const std::stop_token& stop) {
  TRINE_TRY(MayWrite(health(), {}));
  if (options_.read_only) return Error(ErrorCode::kUnavailable, "the store is open for reading only");
  if (!compactions_ || health().findings() > 0) {
    return Error(ErrorCode::kCorrupt,
                 "the store is damaged, so deleted rows stay in its files; run `trine rebuild --salvage`");
  }
  TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
  std::atomic<bool> canceled = false;
  const std::stop_callback cancel(stop, [&canceled] { canceled = true; });
  // The log contains the deleted keys until everything in it is in table files.
  auto s = db->db->Flush(rocksdb::FlushOptions(), db->handles);
  if (!s.ok()) return StoreError(s, path_);
  for (const KeyRange& range : ranges) {
    const DeletedRange whole{range.family, range.first, range.last, 0, true};
    if (!HasRoomToRewrite(*db, whole))
      return Error(ErrorCode::kNoSpace,
                   "deleted rows stay in the files of the store until there is space to rewrite " +
                       std::string(NameOf(range.family)))
          .Where(path_);
    s = RewriteRange(*db, whole, &canceled);
    if (canceled) return Error(ErrorCode::kStopped, "the removal of deleted rows was stopped");
    if (!s.ok()) return StoreError(s, path_);
  }
  return RenewManifest(*db);
}

// The manifest contains the smallest and largest key of each table file, also of former ones, until a new
// manifest begins with the present files. RocksDB begins one when a change meets a manifest of more than
// kMaxManifestBytes, so this adds changes that say nothing.
Status RocksKeyValue::RenewManifest(const RocksDb& db) {
  const auto current = [&]() -> Result<std::string> {
    std::vector<std::string> live;
    uint64_t bytes = 0;
    const auto s = db.db->GetLiveFiles(live, &bytes, false);
    if (!s.ok()) return StoreError(s, path_);
    for (const std::string& file : live) {
      if (IsManifestName(file.substr(file.rfind('/') + 1))) return file;
    }
    return Error(ErrorCode::kIo, "the store has no manifest").Where(path_);
  };
  TRINE_ASSIGN(const std::string before, current());
  for (int i = 0; i < kMaxRenewals; ++i) {
    rocksdb::WriteBatch ops;
    auto s = ops.Put(db.handles.back(), kPurgedKey, "");
    AddDurableNote(synced_.newest(), &ops);
    if (s.ok()) s = db.db->Write(rocksdb::WriteOptions(), &ops);
    if (s.ok()) s = db.db->Flush(rocksdb::FlushOptions(), db.handles.back());
    if (!s.ok()) return StoreError(s, path_);
    TRINE_ASSIGN(const std::string now, current());
    if (now != before) return Ok();
  }
  return Error(ErrorCode::kIo, "the manifest of the store still contains deleted keys").Where(path_);
}

Result<std::vector<std::string>> RocksKeyValue::Files() const {
  std::vector<std::string> names = {"IDENTITY", "LOCK",      std::string(kLockFile), kDamageFile, kSyncedFile,
                                    kProbeFile, kReserveFile};
  TRINE_ASSIGN(const std::shared_ptr<RocksDb> db, Db());
  std::vector<std::string> live;
  uint64_t manifest_bytes = 0;
  auto s = db->db->GetLiveFiles(live, &manifest_bytes, false);
  rocksdb::VectorLogPtr logs;
  if (s.ok()) s = db->db->GetSortedWalFiles(logs);
  if (!s.ok()) return StoreError(s, path_);
  for (const auto& log : logs) live.push_back(log->PathName());
  for (const std::string& path : live) names.push_back(path.substr(path.rfind('/') + 1));
  // RocksDB does not list logs without a write.
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(path_, failed)) {
    const bool is_log = entry.path().extension() == ".log" && entry.is_regular_file(failed);
    if (is_log && entry.file_size(failed) == 0) names.push_back(entry.path().filename().string());
  }
  return names;
}

// Writes, syncs and removes a file of the size that the store needs at least.
Status RocksKeyValue::TestDisk() const {
  const std::string file = path_ + "/" + kProbeFile;
  FileDescriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.open()) return SystemError("cannot create a file", file, errno);
  Status works = WriteAll(fd, std::string(kProbeBytes, '\0'), file);
  if (works.ok() && ::fsync(fd.get()) != 0) works = SystemError("cannot sync a file", file, errno);
  static_cast<void>(::unlink(file.c_str()));
  return works;
}

Status RocksKeyValue::Recover() {
  if (options_.read_only) return health().Writable();
  if (MayWrite(health(), {}).ok()) {
    reserve_.Keep();
    return health().Writable();
  }
  Status disk = TestDisk();
  if (!disk.ok() && disk.error().code == ErrorCode::kNoSpace && reserve_.Release()) {
    released_ = true;
    disk = TestDisk();
  }
  if (!disk.ok()) return health().Writable();
  for (int step = 0; step < kRecoverSteps; ++step) {
    {
      const MutexLock lock(mutex_);
      if (db_ == nullptr || db_.use_count() == 1) {
        if (!Reopen().ok() || !std::exchange(released_, false)) return health().Writable();
        // The space that was given back is for deletions. SpaceGuard ends this state.
        health().WritesFailed(Error(ErrorCode::kUnavailable,
                                    "the disk is full, and the space that was kept for deletions is in use")
                                  .Detail("blocked", "free_space"));
        return health().Writable();
      }
    }
    std::this_thread::sleep_for(kRecoverStep);
  }
  return health().Writable();
}

// RocksDB cannot continue after a failed sync: what it wrote is in an unknown state. Opening the store again
// reads the log, drops the batches that failed, and writes the rest to new, synced files.
Status RocksKeyValue::Reopen() {
  db_.reset();
  const SyncedMark::Content mark = SyncedMark::Read(path_ + "/" + kSyncedFile);
  std::vector<std::string> dropped;
  RocksOpening opening = Opening();
  opening.flush = true;
  // A store that was opened on a read-only disk may not have a lock file yet.
  Status locked = Ok();
  if (!lock_.open()) {
    auto taken = LockStore(path_, StoreLock::kExclusive);
    if (taken.ok())
      lock_ = std::move(taken).value();
    else
      locked = taken.error();
  }
  auto opened = locked.ok() ? OpenRocks(path_, options_, opening, &dropped)
                            : Result<std::unique_ptr<RocksDb>>(locked.error());
  if (!opened.ok() && opened.error().code == ErrorCode::kCorrupt)
    opened = OpenBeyondUnsynced(opening, opened.error(), &dropped);
  if (opened.ok()) {
    db_ = std::move(opened).value();
    keeps_notes_ = true;
    CompareWithMark(*db_, mark);
    last_sequence_ = UINT64_MAX;
    health().WritesWork();
    return Ok();
  }
  opening.read_only = true;
  if (auto readable = OpenRocks(path_, options_, opening, &dropped); readable.ok())
    db_ = std::move(readable).value();
  return health().Writable();
}

}  // namespace

Result<std::unique_ptr<KeyValue>> OpenRocksKeyValue(const std::string& path, const KeyValueOptions& options,
                                                    rocksdb::Env* env) {
  if (path.empty()) return Error(ErrorCode::kInvalid, "the folder path is empty");
  if (options.create && !options.read_only) {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return SystemError("cannot create a folder", path, failed.value());
  }
  auto store = std::make_unique<RocksKeyValue>(path, options, env);
  TRINE_TRY(store->Open());
  return std::unique_ptr<KeyValue>(std::move(store));
}

Result<std::unique_ptr<KeyValue>> OpenKeyValue(const std::string& path, const KeyValueOptions& options) {
  return OpenRocksKeyValue(path, options, nullptr);
}

}  // namespace trine::storage
