#include "server/salvage.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "catalogue/collection_marks.h"
#include "catalogue/definition_codec.h"
#include "catalogue/lost_definitions.h"
#include "catalogue/record_codec.h"
#include "history/event_codec.h"
#include "history/group_meta.h"
#include "history/keys.h"
#include "server/data_directory.h"
#include "storage/directory.h"
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
    TRINE_DCHECK(!key.empty());
    batch_.Put(family, std::move(key), std::move(value));
    return ++rows_ % kBatchRows == 0 ? Flush() : Ok();
  }
  Status Delete(Family family, std::string key) {
    batch_.Delete(family, std::move(key));
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
  Salvage(storage::KeyValue& from, storage::KeyValue& to, const catalogue::LostDefinitions& lost,
          SalvageReport* report)
      : from_(from), to_(to), writer_(to), lost_definitions_(lost), report_(*report) {}

  Status Run() {
    TRINE_TRY(CopyAll(Family::kMeta));
    TRINE_TRY(CopyResources());
    TRINE_TRY(CopyRecords());
    TRINE_TRY(CopyIds());
    TRINE_TRY(RestoreIds());
    ReportLostDocuments();
    TRINE_TRY(CopyItemIds());
    TRINE_TRY(CorrectCounts());
    TRINE_TRY(CopyEvents());
    TRINE_TRY(CorrectSummaries());
    TRINE_TRY(CopyAll(Family::kUsers));
    TRINE_TRY(CopyAll(Family::kEventIds));
    TRINE_TRY(DefineCollections());
    TRINE_TRY(writer_.Flush());
    return to_.Flush();
  }

 private:
  Status CopyAll(Family family) {
    return ForEachRow(from_, family, [&](std::string_view key, std::string_view value) {
      return writer_.Put(family, std::string(key), std::string(value));
    });
  }

  Status CopyResources() {
    const std::set<std::string, std::less<>> unreadable(lost_definitions_.keys.begin(),
                                                        lost_definitions_.keys.end());
    return ForEachRow(from_, Family::kResources, [&](std::string_view key, std::string_view value) {
      if (unreadable.contains(key)) return Ok();
      return writer_.Put(Family::kResources, std::string(key), std::string(value));
    });
  }

  // Gives the collections that lost their definition another one, so that their documents can be read.
  Status DefineCollections() {
    TRINE_TRY(writer_.Flush());
    for (const CollectionId collection : lost_definitions_.collections) {
      TRINE_ASSIGN(const bool has_records, catalogue::HasRecords(to_, collection));
      if (!has_records) continue;
      std::string name = "recovered-" + std::to_string(collection.value);
      while (true) {
        TRINE_ASSIGN(const auto taken,
                     to_.Get(Family::kResources, catalogue::DefinitionKey(catalogue::kCollectionKind, name)));
        if (!taken) break;
        name += "-";
      }
      TRINE_TRY(
          to_.Write(OneRow(Family::kResources, catalogue::DefinitionKey(catalogue::kCollectionKind, name),
                           catalogue::EncodeRecoveredCollection(collection, name, SystemClock().Now())),
                    storage::Durability::kBuffered));
      report_.damage.push_back("the definition of collection " + std::to_string(collection.value) +
                               " is lost; its documents are in the index \"" + name +
                               "\", without its mapping, settings and aliases");
    }
    return Ok();
  }
  static storage::WriteBatch OneRow(Family family, std::string key, std::string value) {
    storage::WriteBatch batch;
    batch.Put(family, std::move(key), std::move(value));
    return batch;
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

  // Copies the ids whose record was copied, and remembers the others.
  Status CopyIds() {
    TRINE_TRY(writer_.Flush());
    const auto copy = [&](std::string_view key, std::string_view value) -> Status {
      storage::KeyReader reader(key);
      CollectionId collection;
      const auto entry = catalogue::DecodeIdEntry(value);
      if (!reader.U32(&collection.value) || !entry.ok()) return Ok();
      TRINE_ASSIGN(const auto record,
                   to_.Get(Family::kRecords, catalogue::RecordKey(collection, entry->version.seq_no)));
      if (!record) {
        lost_.emplace(key, entry->version.seq_no);
        return Ok();
      }
      live_[collection] += entry->version.deleted ? 0 : 1;
      return writer_.Put(Family::kRecordIds, std::string(key), std::string(value));
    };
    TRINE_TRY(ForEachRow(from_, Family::kRecordIds, copy));
    return writer_.Flush();
  }

  void ReportLostDocuments() {
    size_t named = 0;
    for (const auto& [key, seq_no] : lost_) {
      storage::KeyReader reader(key);
      CollectionId collection;
      TRINE_CHECK(reader.U32(&collection.value));
      if (++named <= kMaxNamedDocuments)
        report_.damage.push_back("document \"" + std::string(reader.Tail()) + "\" of collection " +
                                 std::to_string(collection.value) + " is lost");
    }
    if (named > kMaxNamedDocuments)
      report_.damage.push_back(std::to_string(named - kMaxNamedDocuments) + " more documents are lost");
  }

  // Compares each copied record with the entry of its id. If the entry is lost, the newest record restores
  // it. If the entry names a newer version, the mark that superseded this record is lost, and the record must
  // not come back.
  Status RestoreIds() {
    std::map<std::string, catalogue::IdEntry> restored;
    std::set<CollectionId> bound;
    const auto restore = [&](std::string_view key, std::string_view value) -> Status {
      storage::KeyReader reader(key);
      CollectionId collection;
      SeqNo seq_no;
      if (!reader.U32(&collection.value) || !reader.U64(&seq_no.value)) return Ok();
      TRINE_ASSIGN(const auto stored, catalogue::DecodeRecord(seq_no, value, false));
      const catalogue::Record& record = stored.record;
      const std::string id = catalogue::IdKey(collection, record.id);
      TRINE_ASSIGN(const auto newest, NewestVersion(id, restored));
      if (newest && newest->version.seq_no == seq_no) return Ok();
      const auto lost = lost_.find(id);
      const bool replaced = newest ? newest->version.seq_no > seq_no
                                   : lost != lost_.end() && lost->second > seq_no;  // by a lost record
      if (replaced) return writer_.Delete(Family::kRecords, std::string(key));
      if (newest) {
        const uint64_t counted = newest->version.deleted ? 0 : 1;
        TRINE_CHECK_GE(live_[collection], counted);
        live_[collection] -= counted;
        TRINE_TRY(writer_.Delete(Family::kRecords, catalogue::RecordKey(collection, newest->version.seq_no)));
      }
      if (lost != lost_.end()) lost_.erase(lost);  // an older version, whose loss does not matter
      live_[collection] += record.deleted ? 0 : 1;
      bound.insert(collection);
      catalogue::IdEntry entry{
          {seq_no, record.version, record.primary_term, record.deleted, record.put_individually}, ""};
      TRINE_TRY(writer_.Put(Family::kRecordIds, id, catalogue::EncodeIdEntry(entry)));
      restored[id] = std::move(entry);
      return Ok();
    };
    TRINE_TRY(ForEachRow(to_, Family::kRecords, restore));
    // The next start reads the item ids from the documents.
    for (const CollectionId collection : bound)
      TRINE_TRY(writer_.Put(Family::kMeta, catalogue::BindMark(collection), ""));
    return writer_.Flush();
  }

  // The newest version of an id that was copied or restored so far.
  Result<std::optional<catalogue::IdEntry>> NewestVersion(
      const std::string& id, const std::map<std::string, catalogue::IdEntry>& restored) const {
    if (const auto found = restored.find(id); found != restored.end()) return std::optional(found->second);
    TRINE_ASSIGN(const auto stored, to_.Get(Family::kRecordIds, id));
    if (!stored) return std::optional<catalogue::IdEntry>();
    TRINE_ASSIGN(auto entry, catalogue::DecodeIdEntry(*stored));
    return std::optional(std::move(entry));
  }

  Status CopyItemIds() {
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

  // The summary of a group states where its log ends. If it is lost, or an older one, new events would
  // replace stored ones: an unreadable summary makes the next start count the rows.
  Status CorrectSummaries() {
    TRINE_TRY(writer_.Flush());
    for (const auto& [group, last] : last_event_) {
      const std::string key = history::keys::GroupMeta(group);
      TRINE_ASSIGN(const auto stored, to_.Get(Family::kMeta, key));
      const auto summary = history::GroupMeta::Decode(stored.value_or(""));
      if (!summary.ok() && summary.error().kind() == ErrorKind::kFormatVersion) return summary.error();
      if (summary.ok() && summary->next > last) continue;
      TRINE_TRY(writer_.Put(Family::kMeta, key, ""));
    }
    return Ok();
  }

  Status CopyEvent(GroupId group, EventSeq seq, std::string_view value) {
    auto event = history::DecodeEvent(value);
    if (!event.ok()) {
      report_.damage.push_back("event " + std::to_string(seq.value) + " of group " +
                               std::to_string(group.value) + ": " + event.error().ToString());
      return Ok();
    }
    event->seq = seq;
    last_event_[group] = std::max(last_event_[group], seq);
    TRINE_TRY(writer_.Put(Family::kInteractions, history::keys::Interaction(group, seq), std::string(value)));
    return writer_.Put(Family::kUserEvents, history::keys::UserEvent(group, *event), std::string(value));
  }

  storage::KeyValue& from_;
  storage::KeyValue& to_;
  RowWriter writer_;
  const catalogue::LostDefinitions& lost_definitions_;
  SalvageReport& report_;
  std::map<CollectionId, uint64_t> live_;
  std::map<std::string, SeqNo, std::less<>> lost_;  // ids of which the newest known version is lost
  std::map<GroupId, EventSeq> last_event_;
};

// Beside the damaged store, so that it is known later which loss was accepted.
Status KeepReport(const std::string& damaged, const SalvageReport& report) {
  TRINE_ASSIGN(const auto folder, storage::OpenExistingDirectory(damaged));
  std::string all;
  for (const std::string& line : report.damage) all += line + "\n";
  return storage::WriteFileAtomically(*folder, "trine.dropped", all);
}

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

Result<SalvageReport> Scan(const storage::KeyValue& facts, catalogue::LostDefinitions* lost) {
  SalvageReport report;
  TRINE_ASSIGN(const storage::RowsRead read, storage::ReadEveryRow(facts));
  report.rows = read.rows;
  constexpr std::string_view kPrefix = "damaged data was skipped: ";
  for (const std::string& problem : facts.health().problems())
    report.damage.push_back(problem.starts_with(kPrefix) ? problem.substr(kPrefix.size()) : problem);
  TRINE_ASSIGN(*lost, catalogue::FindLostDefinitions(facts));
  report.damage.insert(report.damage.end(), lost->sentences.begin(), lost->sentences.end());
  return report;
}

}  // namespace

Result<SalvageReport> ScanFacts(const std::string& data_dir) {
  TRINE_ASSIGN(const auto facts, OpenDamaged(data_dir, false));
  catalogue::LostDefinitions lost;
  return Scan(*facts, &lost);
}

Result<SalvageReport> SalvageFacts(const std::string& data_dir) {
  TRINE_TRY(RequireDataDirectory(data_dir));
  TRINE_ASSIGN(const std::string manifest, storage::MendCurrent(data_dir + "/facts"));
  TRINE_ASSIGN(auto facts, OpenDamaged(data_dir, true));
  catalogue::LostDefinitions lost;
  TRINE_ASSIGN(SalvageReport report, Scan(*facts, &lost));
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
    TRINE_TRY(Salvage(*facts, *to, lost, &report).Run());
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
  TRINE_TRY(KeepReport(damaged, report));
  report.set_aside = damaged;
  return report;
}

}  // namespace trine::server
