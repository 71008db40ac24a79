#include "server/salvage.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "catalogue/record_codec.h"
#include "history/event_codec.h"
#include "history/keys.h"
#include "server/data_directory.h"
#include "storage/file_descriptor.h"
#include "storage/mend_current.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;
using storage::Family;

constexpr size_t kBatchRows = 2000;
constexpr size_t kMaxNamedDocuments = 50;

// Collects writes to the new store in batches.
class RowWriter {
 public:
  explicit RowWriter(storage::KeyValue& to) : to_(to) {}
  Status Put(Family family, std::string key, std::string value) {
    batch_.Put(family, std::move(key), std::move(value));
    return ++rows_ % kBatchRows == 0 ? Flush() : Ok();
  }
  Status Flush() { return to_.Write(std::exchange(batch_, {}), storage::Durability::kBuffered); }

 private:
  storage::KeyValue& to_;
  storage::WriteBatch batch_;
  uint64_t rows_ = 0;
};

using VisitRow = std::function<Status(std::string_view key, std::string_view value)>;

Status ForEachRow(const storage::KeyValue& from, Family family, const VisitRow& visit) {
  const auto cursor = from.Scan(family);
  for (cursor->Seek(""); cursor->Valid(); cursor->Next()) TRINE_TRY(visit(cursor->key(), cursor->value()));
  return cursor->status();
}

// One salvage from an open store into a new one.
class Salvage {
 public:
  Salvage(storage::KeyValue& from, storage::KeyValue& to, SalvageReport* report)
      : from_(from), to_(to), writer_(to), report_(*report) {}

  Status Run() {
    TRINE_TRY(CopyAll(Family::kMeta));
    TRINE_TRY(CopyAll(Family::kResources));
    TRINE_TRY(CopyRecords());
    TRINE_TRY(CopyIds());
    TRINE_TRY(CorrectCounts());
    TRINE_TRY(CopyEvents());
    TRINE_TRY(CopyAll(Family::kUsers));
    TRINE_TRY(CopyAll(Family::kEventIds));
    TRINE_TRY(writer_.Flush());
    return to_.Flush();
  }

 private:
  Status CopyAll(Family family) {
    return ForEachRow(from_, family, [&](std::string_view key, std::string_view value) {
      return writer_.Put(family, std::string(key), std::string(value));
    });
  }

  // Copies the newest versions only: if the record that supersedes another one is lost, the superseded one
  // must not come back as the newest.
  Status CopyRecords() {
    std::set<std::string> superseded;
    TRINE_TRY(
        ForEachRow(from_, Family::kObsolete, [&](std::string_view key, std::string_view value) -> Status {
          const auto mark = catalogue::DecodeSupersededMark(value);
          storage::KeyReader reader(key);
          CollectionId collection;
          if (!mark.ok() || !reader.U32(&collection.value)) return Ok();
          std::string record = catalogue::RecordKey(collection, mark->seq_no);
          if (record != key) superseded.insert(std::move(record));
          if (!mark->by_delete) return Ok();
          return writer_.Put(Family::kObsolete, std::string(key), std::string(value));
        }));
    return ForEachRow(from_, Family::kRecords, [&](std::string_view key, std::string_view value) -> Status {
      storage::KeyReader reader(key);
      CollectionId collection;
      SeqNo seq_no;
      if (!reader.U32(&collection.value) || !reader.U64(&seq_no.value)) return Ok();
      if (superseded.contains(std::string(key))) return Ok();
      if (const auto record = catalogue::DecodeRecord(seq_no, value); !record.ok()) {
        report_.damage.push_back("record " + std::to_string(seq_no.value) + " of collection " +
                                 std::to_string(collection.value) + ": " + record.error().ToString());
        return Ok();
      }
      return writer_.Put(Family::kRecords, std::string(key), std::string(value));
    });
  }

  // Copies the ids whose record was copied.
  Status CopyIds() {
    TRINE_TRY(writer_.Flush());
    uint64_t lost = 0;
    TRINE_TRY(
        ForEachRow(from_, Family::kRecordIds, [&](std::string_view key, std::string_view value) -> Status {
          storage::KeyReader reader(key);
          CollectionId collection;
          const auto entry = catalogue::DecodeIdEntry(value);
          if (!reader.U32(&collection.value) || !entry.ok()) return Ok();
          TRINE_ASSIGN(const auto record,
                       to_.Get(Family::kRecords, catalogue::RecordKey(collection, entry->version.seq_no)));
          if (record) {
            live_[collection] += entry->version.deleted ? 0 : 1;
            return writer_.Put(Family::kRecordIds, std::string(key), std::string(value));
          }
          if (++lost <= kMaxNamedDocuments)
            report_.damage.push_back("document \"" + std::string(reader.Tail()) + "\" of collection " +
                                     std::to_string(collection.value) + " is lost");
          return Ok();
        }));
    if (lost > kMaxNamedDocuments)
      report_.damage.push_back(std::to_string(lost - kMaxNamedDocuments) + " more documents are lost");
    TRINE_TRY(writer_.Flush());
    return ForEachRow(from_, Family::kItemIds, [&](std::string_view key, std::string_view value) -> Status {
      storage::KeyReader reader(key);
      CollectionId collection;
      if (!reader.U32(&collection.value)) return Ok();
      TRINE_ASSIGN(const auto id, to_.Get(Family::kRecordIds, catalogue::IdKey(collection, value)));
      if (!id) return Ok();
      return writer_.Put(Family::kItemIds, std::string(key), std::string(value));
    });
  }

  // The last record of a collection states how many records are live.
  Status CorrectCounts() {
    for (const auto& [collection, live] : live_) {
      const auto cursor = to_.Scan(Family::kRecords);
      cursor->SeekBefore(catalogue::EndOfCollection(collection));
      if (!cursor->Valid() || !cursor->key().starts_with(catalogue::CollectionKey(collection))) continue;
      storage::KeyReader reader(cursor->key().substr(4));
      SeqNo seq_no;
      if (!reader.U64(&seq_no.value)) continue;
      TRINE_ASSIGN(const auto last, catalogue::DecodeRecord(seq_no, cursor->value()));
      TRINE_TRY(writer_.Put(Family::kRecords, std::string(cursor->key()),
                            catalogue::EncodeRecord(last.record, live)));
    }
    return Ok();
  }

  // An event is stored twice, in the log and in the slice of its user: each copy restores the other.
  Status CopyEvents() {
    const auto from_log = [&](std::string_view key, std::string_view value) -> Status {
      storage::KeyReader reader(key);
      GroupId group;
      EventSeq seq;
      if (!reader.U32(&group.value) || !reader.U64(&seq.value)) return Ok();
      return CopyEvent(group, seq, value);
    };
    const auto from_slice = [&](std::string_view key, std::string_view value) -> Status {
      storage::KeyReader reader(key);
      GroupId group;
      return reader.U32(&group.value) ? CopyEvent(group, history::keys::SeqOfUserEvent(key), value) : Ok();
    };
    TRINE_TRY(ForEachRow(from_, Family::kInteractions, from_log));
    return ForEachRow(from_, Family::kUserEvents, from_slice);
  }

  Status CopyEvent(GroupId group, EventSeq seq, std::string_view value) {
    auto event = history::DecodeEvent(value);
    if (!event.ok()) {
      report_.damage.push_back("event " + std::to_string(seq.value) + " of group " +
                               std::to_string(group.value) + ": " + event.error().ToString());
      return Ok();
    }
    event->seq = seq;
    TRINE_TRY(writer_.Put(Family::kInteractions, history::keys::Interaction(group, seq), std::string(value)));
    return writer_.Put(Family::kUserEvents, history::keys::UserEvent(group, *event), std::string(value));
  }

  storage::KeyValue& from_;
  storage::KeyValue& to_;
  RowWriter writer_;
  SalvageReport& report_;
  std::map<CollectionId, uint64_t> live_;
};

Status SyncFolder(const std::string& path) {
  const storage::FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return storage::SystemError("cannot sync a folder", path, errno);
  return Ok();
}

Status Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return storage::SystemError("cannot rename a folder", from, errno);
  return Ok();
}

Result<std::unique_ptr<storage::KeyValue>> OpenDamaged(const std::string& data_dir, bool salvage) {
  TRINE_TRY(RequireDataDirectory(data_dir));
  storage::KeyValueOptions options;
  options.read_only = options.exclusive = true;
  options.salvage = salvage;
  return storage::OpenKeyValue(data_dir + "/facts", options);
}

Result<SalvageReport> Scan(const storage::KeyValue& facts) {
  SalvageReport report;
  for (int family = 0; family < storage::kFamilyCount; ++family) {
    TRINE_TRY(ForEachRow(facts, static_cast<Family>(family), [&](std::string_view, std::string_view) {
      ++report.rows;
      return Ok();
    }));
  }
  constexpr std::string_view kPrefix = "damaged data was skipped: ";
  for (const std::string& problem : facts.health().problems())
    report.damage.push_back(problem.starts_with(kPrefix) ? problem.substr(kPrefix.size()) : problem);
  return report;
}

}  // namespace

Result<SalvageReport> ScanFacts(const std::string& data_dir) {
  TRINE_ASSIGN(const auto facts, OpenDamaged(data_dir, false));
  return Scan(*facts);
}

const char* AdviceForFacts(const Error& error) {
  const bool is_manifest =
      !error.where.ends_with("/CURRENT") && error.ToString().find("MANIFEST-") != std::string::npos;
  return is_manifest ? "restore a backup with: trine restore; without its manifest, the store cannot be read "
                       "at all, and trine rebuild --salvage cannot help"
                     : "restore a backup, or keep what can be read with: trine rebuild --salvage";
}

Result<SalvageReport> SalvageFacts(const std::string& data_dir) {
  TRINE_TRY(RequireDataDirectory(data_dir));
  TRINE_ASSIGN(const std::string manifest, storage::MendCurrent(data_dir + "/facts"));
  TRINE_ASSIGN(auto facts, OpenDamaged(data_dir, true));
  TRINE_ASSIGN(SalvageReport report, Scan(*facts));
  if (!manifest.empty())
    report.damage.push_back("the file CURRENT of the store, which now names " + manifest + " again");
  if (report.damage.empty()) return report;
  const std::string damaged = data_dir + "/facts.damaged", made = data_dir + "/facts.salvaged";
  std::error_code failed;
  if (fs::exists(damaged, failed))
    return Error(ErrorCode::kExists, "an earlier salvage left this folder; move it away first")
        .Where(damaged);
  fs::remove_all(made, failed);  // left over from an interrupted salvage
  Status done = [&]() -> Status {
    TRINE_ASSIGN(const auto to, storage::OpenKeyValue(made));
    TRINE_TRY(Salvage(*facts, *to, &report).Run());
    return to->VerifyChecksums();
  }();
  if (!done.ok()) {
    fs::remove_all(made, failed);
    return done.error();
  }
  facts.reset();
  TRINE_TRY(SyncFolder(made));
  TRINE_TRY(Rename(data_dir + "/facts", damaged));
  TRINE_TRY(Rename(made, data_dir + "/facts"));
  TRINE_TRY(SyncFolder(data_dir));
  report.set_aside = damaged;
  return report;
}

}  // namespace trine::server
