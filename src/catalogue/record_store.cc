// RecordStore over a KeyValue.
//
// Every record stores how many records of its collection were live after it was written. The last record of a
// collection therefore yields the next seq_no and the live count: opening a collection reads one row, and no
// separate counter is written. The last record is never superseded, so it is never purged, and a delete is
// not forgotten while it is the last record.
#include "catalogue/record_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "catalogue/collection_marks.h"
#include "catalogue/record_codec.h"

namespace trine::catalogue {
namespace {

using storage::Family;

constexpr size_t kPurgeBatch = 4096;                   // superseded records removed in one write
constexpr size_t kForgetBatch = 256;                   // deletes forgotten in one step, while writes wait
constexpr uint64_t kLastVersion = INT64_MAX;           // clients read versions as signed numbers
constexpr size_t kFirstBatch = 8, kMostInBatch = 512;  // records that MultiGetWithin reads at a time

// The in-memory state of one collection.
struct CollectionState {
  // The collection's write lock: a RecordTransaction or one step of a purge holds it. A std::mutex, because a
  // transaction holds its lock in a member, which the thread safety analysis of base/mutex.h cannot follow.
  std::mutex write;
  std::atomic<uint64_t> next_seq_no{0};  // changed under `write`
  std::atomic<uint64_t> live{0};         // changed under `write`
  Mutex purge;                           // held to begin a live scan, and for each step of a purge
};
using StatePtr = std::shared_ptr<CollectionState>;

class KeyValueRecordStore final : public RecordStore {
 public:
  KeyValueRecordStore(storage::KeyValue& kv, Log& log) : kv_(kv), log_(log) {}

  Status EraseDropped();

  Result<std::optional<RecordVersion>> Version(CollectionId c, std::string_view id) const override;
  Result<std::optional<Record>> Get(CollectionId c, std::string_view id) const override;
  Result<std::optional<Record>> Get(CollectionId c, SeqNo seq_no) const override;
  Result<std::vector<std::optional<Record>>> MultiGet(CollectionId c,
                                                      const std::vector<SeqNo>& seq_nos) const override;
  Result<std::optional<Record>> GetItem(const Binding& binding, CollectionId c,
                                        std::string_view item_id) const override;
  Result<std::vector<std::optional<std::string>>> RecordIds(
      CollectionId c, const std::vector<std::string>& item_ids) const override;
  std::unique_ptr<RecordTransaction> Begin(CollectionId c) override;
  Status Scan(CollectionId c, SeqNo from,
              const std::function<Result<bool>(const Record&)>& visit) const override;
  Status ScanLive(CollectionId c, const std::function<Result<bool>(const Record&)>& visit) const override;
  SeqNo NextSeqNo(CollectionId c) const override { return SeqNo{StateOf(c)->next_seq_no}; }
  uint64_t LiveCount(CollectionId c) const override { return StateOf(c)->live; }
  Status Purge(CollectionId c, SeqNo safe, SeqNo forget_deletes) override;
  Status Erase(CollectionId c) override;
  storage::StoreHealth* health() const override { return &kv_.health(); }

  // Returns the stored entry of an id; nullopt if the id was never written or its delete was forgotten.
  Result<std::optional<IdEntry>> FindIdEntry(CollectionId c, std::string_view id) const;

 private:
  StatePtr StateOf(CollectionId c) const;
  StatePtr LoadState(CollectionId c) const TRINE_REQUIRES(mutex_);
  void CountIds(CollectionId c, CollectionState* state) const;
  Status PurgeSuperseded(CollectionId c, SeqNo safe);
  Status ForgetDeletes(CollectionId c, SeqNo end);
  Status ForgetDelete(CollectionId c, SeqNo seq_no, storage::WriteBatch* batch) const;
  void NoteUnreadable(CollectionId c, SeqNo seq_no, const Error& why) const {
    kv_.health().Damaged("record " + std::to_string(seq_no.value) + " of collection " +
                         std::to_string(c.value) + ": " + why.ToString());
  }
  Status VisitRecords(storage::Cursor& cursor, CollectionId c, SeqNo from,
                      const std::function<Result<bool>(const Record&)>& visit) const;

  storage::KeyValue& kv_;
  Log& log_;
  // Held to look up the state of a collection, and to load it at its first use.
  mutable Mutex mutex_;
  mutable std::map<CollectionId, StatePtr> states_ TRINE_GUARDED_BY(mutex_);
};

class KeyValueTransaction final : public RecordTransaction {
 public:
  KeyValueTransaction(storage::KeyValue& kv, const KeyValueRecordStore& store, CollectionId c, StatePtr state)
      : kv_(kv),
        store_(store),
        c_(c),
        state_(std::move(state)),
        lock_(state_->write),
        next_seq_no_(state_->next_seq_no),
        live_(state_->live) {}

  Result<StagedWrite> Put(const RecordPut& put) override;
  Result<StagedWrite> Delete(std::string_view id, std::optional<uint64_t> version) override;
  bool empty() const override { return batch_.empty(); }
  Status Commit() override;

 private:
  Result<StagedWrite> Stage(Record record, std::optional<uint64_t> version, std::string_view item_id);
  Status StageItemId(std::string_view id, const std::string& previous, std::string_view current);
  Result<std::optional<IdEntry>> FindNewestIdEntry(std::string_view id) const;

  storage::KeyValue& kv_;
  const KeyValueRecordStore& store_;
  const CollectionId c_;
  const StatePtr state_;
  const std::unique_lock<std::mutex> lock_;
  storage::WriteBatch batch_;
  bool committed_ = false;  // Commit was called, successfully or not
  // The collection's next seq_no and live count after the batch is written.
  uint64_t next_seq_no_;
  uint64_t live_;
  std::unordered_map<std::string, IdEntry, StringHash, std::equal_to<>> ids_;
  // Item id -> record id; empty: the item id was removed.
  std::unordered_map<std::string, std::string, StringHash, std::equal_to<>> items_;
};

std::unique_ptr<RecordTransaction> KeyValueRecordStore::Begin(CollectionId c) {
  return std::make_unique<KeyValueTransaction>(kv_, *this, c, StateOf(c));
}

StatePtr KeyValueRecordStore::StateOf(CollectionId c) const {
  const MutexLock lock(mutex_);
  StatePtr& state = states_[c];
  if (state == nullptr) state = LoadState(c);
  return state;
}

StatePtr KeyValueRecordStore::LoadState(CollectionId c) const {
  auto state = std::make_shared<CollectionState>();
  const auto cursor = kv_.Scan(Family::kRecords);
  cursor->SeekBefore(EndOfCollection(c));
  storage::KeyReader key(cursor->Valid() ? cursor->key() : std::string_view());
  uint32_t collection = 0;
  uint64_t seq_no = 0;
  if (key.U32(&collection) && collection == c.value && key.U64(&seq_no)) {
    state->next_seq_no = seq_no + 1;
    const auto last = DecodeRecord(SeqNo{seq_no}, cursor->value(), false);
    if (last.ok() && cursor->skipped() == 0) {
      state->live = last->live_count;
      return state;
    }
    if (!last.ok()) {
      NoteUnreadable(c, SeqNo{seq_no}, last.error());
    }
  }
  // The last record is damaged. The ids of the collection have what it stated; a seq_no must never be used
  // again.
  if (state->next_seq_no > 0 || cursor->skipped() > 0) CountIds(c, state.get());
  return state;
}

void KeyValueRecordStore::CountIds(CollectionId c, CollectionState* state) const {
  const std::string prefix = CollectionKey(c);
  const auto cursor = kv_.Scan(Family::kRecordIds);
  uint64_t live = 0, next = state->next_seq_no;
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const auto entry = DecodeIdEntry(cursor->value());
    if (!entry.ok()) continue;
    if (!entry->version.deleted) ++live;
    next = std::max(next, entry->version.seq_no.value + 1);
  }
  state->live = live;
  state->next_seq_no = next;
}

Result<std::optional<IdEntry>> KeyValueRecordStore::FindIdEntry(CollectionId c, std::string_view id) const {
  TRINE_ASSIGN(const auto value, kv_.Get(Family::kRecordIds, IdKey(c, id)));
  if (!value) return std::optional<IdEntry>();
  TRINE_ASSIGN(IdEntry entry, DecodeIdEntry(*value));
  return std::optional<IdEntry>(std::move(entry));
}

Result<std::optional<IdEntry>> KeyValueTransaction::FindNewestIdEntry(std::string_view id) const {
  const auto staged = ids_.find(id);
  if (staged != ids_.end()) return std::optional<IdEntry>(staged->second);
  return store_.FindIdEntry(c_, id);
}

Result<std::optional<RecordVersion>> KeyValueRecordStore::Version(CollectionId c, std::string_view id) const {
  TRINE_ASSIGN(const auto entry, FindIdEntry(c, id));
  if (!entry) return std::optional<RecordVersion>();
  return std::optional<RecordVersion>(entry->version);
}

Result<std::optional<Record>> KeyValueRecordStore::Get(CollectionId c, std::string_view id) const {
  // Get reads the id's entry and then the record. Between the two reads, a newer version may replace this one
  // and a purge may remove it; then retry. If the id still leads to the same seq_no, the record itself is
  // missing.
  SeqNo tried{UINT64_MAX};
  while (true) {
    TRINE_ASSIGN(const auto entry, FindIdEntry(c, id));
    if (!entry || entry->version.deleted) return std::optional<Record>();
    TRINE_ASSIGN(auto record, Get(c, entry->version.seq_no));
    if (record || entry->version.seq_no == tried) return record;
    tried = entry->version.seq_no;
  }
}

Result<std::optional<Record>> KeyValueRecordStore::Get(CollectionId c, SeqNo seq_no) const {
  TRINE_ASSIGN(const auto value, kv_.Get(Family::kRecords, RecordKey(c, seq_no)));
  if (!value) return std::optional<Record>();
  TRINE_ASSIGN(StoredRecord stored, DecodeRecord(seq_no, *value));
  if (stored.record.deleted) return std::optional<Record>();
  return std::optional<Record>(std::move(stored.record));
}

Result<std::vector<std::optional<Record>>> KeyValueRecordStore::MultiGet(
    CollectionId c, const std::vector<SeqNo>& seq_nos) const {
  std::vector<std::string> keys;
  keys.reserve(seq_nos.size());
  for (const SeqNo seq_no : seq_nos) keys.push_back(RecordKey(c, seq_no));
  TRINE_ASSIGN(const auto values, kv_.MultiGet(Family::kRecords, keys));
  TRINE_CHECK_EQ(values.size(), seq_nos.size());
  std::vector<std::optional<Record>> records(seq_nos.size());
  for (size_t i = 0; i < seq_nos.size(); ++i) {
    if (!values[i]) continue;
    Result<StoredRecord> stored = DecodeRecord(seq_nos[i], *values[i]);
    if (!stored.ok()) {
      NoteUnreadable(c, seq_nos[i], stored.error());
    } else if (!stored->record.deleted) {
      records[i] = std::move(stored->record);
    }
  }
  return records;
}

Result<std::optional<Record>> KeyValueRecordStore::GetItem(const Binding& binding, CollectionId c,
                                                           std::string_view item_id) const {
  if (binding.item_id_field.empty()) return Get(c, item_id);
  TRINE_ASSIGN(const auto id, kv_.Get(Family::kItemIds, IdKey(c, item_id)));
  if (!id) return std::optional<Record>();
  return Get(c, *id);
}

Result<std::vector<std::optional<std::string>>> KeyValueRecordStore::RecordIds(
    CollectionId c, const std::vector<std::string>& item_ids) const {
  std::vector<std::string> keys;
  keys.reserve(item_ids.size());
  for (const std::string& item_id : item_ids) keys.push_back(IdKey(c, item_id));
  return kv_.MultiGet(Family::kItemIds, keys);
}

Result<StagedWrite> KeyValueTransaction::Put(const RecordPut& put) {
  Record record;
  record.id = std::string(put.id);
  record.put_individually = put.put_individually;
  record.source = std::string(put.source);
  record.routing = std::string(put.routing);
  return Stage(std::move(record), put.version, put.item_id);
}

Result<StagedWrite> KeyValueTransaction::Delete(std::string_view id, std::optional<uint64_t> version) {
  Record record;
  record.id = std::string(id);
  record.deleted = true;
  return Stage(std::move(record), version, "");
}

Result<StagedWrite> KeyValueTransaction::Stage(Record record, std::optional<uint64_t> version,
                                               std::string_view item_id) {
  TRINE_CHECK(!committed_);
  if (record.id.empty() || record.id.size() > limits::kMaxIdBytes) {
    return Error(ErrorCode::kDocumentId,
                 "a record needs an id of 1 to " + std::to_string(limits::kMaxIdBytes) + " bytes")
        .Got(std::to_string(record.id.size()) + " bytes");
  }
  TRINE_ASSIGN(const auto before, FindNewestIdEntry(record.id));
  TRINE_TRY(StageItemId(record.id, before ? before->item_id : "", item_id));

  record.seq_no = SeqNo{next_seq_no_};
  const uint64_t next = before ? std::min(before->version.version + 1, kLastVersion) : 1;
  record.version = version.value_or(next);
  const bool was_live = before && !before->version.deleted;
  record.put_individually =
      !record.deleted && (record.put_individually || (was_live && before->version.put_individually));
  live_ += record.deleted ? 0 : 1;
  live_ -= was_live ? 1 : 0;
  const IdEntry now{
      {record.seq_no, record.version, record.primary_term, record.deleted, record.put_individually},
      std::string(item_id)};
  batch_.Put(Family::kRecords, RecordKey(c_, record.seq_no), EncodeRecord(record, live_));
  batch_.Put(Family::kRecordIds, IdKey(c_, record.id), EncodeIdEntry(now));
  if (before || record.deleted) {
    const SeqNo superseded = before ? before->version.seq_no : record.seq_no;
    batch_.Put(Family::kObsolete, RecordKey(c_, record.seq_no),
               EncodeSupersededMark({superseded, record.deleted}));
  }
  ++next_seq_no_;
  ids_.insert_or_assign(record.id, now);
  StagedWrite staged{now.version, std::nullopt};
  if (before) staged.previous = before->version;
  return staged;
}

// Changes the item id of a record. The old item id is removed only if it still leads to this record, because
// another record may have taken it.
Status KeyValueTransaction::StageItemId(std::string_view id, const std::string& previous,
                                        std::string_view current) {
  if (!previous.empty() && previous != current) {
    std::optional<std::string> owner;
    if (const auto staged = items_.find(previous); staged != items_.end()) {
      owner = staged->second;
    } else {
      TRINE_ASSIGN(owner, kv_.Get(Family::kItemIds, IdKey(c_, previous)));
    }
    if (owner && *owner == id) {
      batch_.Delete(Family::kItemIds, IdKey(c_, previous));
      items_.insert_or_assign(previous, "");
    }
  }
  if (current.empty()) return Ok();
  batch_.Put(Family::kItemIds, IdKey(c_, current), std::string(id));
  items_.insert_or_assign(std::string(current), std::string(id));
  return Ok();
}

Status KeyValueTransaction::Commit() {
  TRINE_CHECK(!committed_);
  committed_ = true;
  TRINE_CHECK_GE(next_seq_no_, state_->next_seq_no.load());
  TRINE_TRY(kv_.Write(batch_, storage::Durability::kSync));
  state_->live = live_;
  state_->next_seq_no = next_seq_no_;
  return Ok();
}

Status KeyValueRecordStore::VisitRecords(storage::Cursor& cursor, CollectionId c, SeqNo from,
                                         const std::function<Result<bool>(const Record&)>& visit) const {
  for (cursor.Seek(RecordKey(c, from)); cursor.Valid(); cursor.Next()) {
    storage::KeyReader key(cursor.key());
    uint32_t collection = 0;
    uint64_t seq_no = 0;
    if (!key.U32(&collection) || collection != c.value || !key.U64(&seq_no)) break;
    const auto stored = DecodeRecord(SeqNo{seq_no}, cursor.value());
    if (!stored.ok()) {
      NoteUnreadable(c, SeqNo{seq_no}, stored.error());
      continue;
    }
    TRINE_ASSIGN(const bool more, visit(stored->record));
    if (!more) return Ok();
  }
  return cursor.status();
}

Status KeyValueRecordStore::Scan(CollectionId c, SeqNo from,
                                 const std::function<Result<bool>(const Record&)>& visit) const {
  const auto cursor = kv_.Scan(Family::kRecords);
  return VisitRecords(*cursor, c, from, visit);
}

// Visits the records in order, except those that a mark lists as superseded. Both cursors are snapshots, with
// no purge between them: removed rows are in neither or in both. Marks of later writes are ignored.
Status KeyValueRecordStore::ScanLive(CollectionId c,
                                     const std::function<Result<bool>(const Record&)>& visit) const {
  const StatePtr state = StateOf(c);
  std::unique_ptr<storage::Cursor> cursor, marks;
  {
    const MutexLock lock(state->purge);
    cursor = kv_.Scan(Family::kRecords);
    marks = kv_.Scan(Family::kObsolete);
  }
  cursor->SeekBefore(EndOfCollection(c));
  const std::string prefix = CollectionKey(c);
  if (!cursor->Valid() || !cursor->key().starts_with(prefix)) return cursor->status();
  const std::string last(cursor->key());
  TRINE_DCHECK_LT(prefix, last);

  std::unordered_set<uint64_t> superseded;
  for (marks->Seek(prefix); marks->Valid() && marks->key().starts_with(prefix); marks->Next()) {
    if (marks->key() > last) break;
    const auto mark = DecodeSupersededMark(marks->value());
    if (mark.ok()) superseded.insert(mark->seq_no.value);
  }
  TRINE_TRY(marks->status());
  // If some marks are damaged, the ids tell which records are superseded; that costs a read per record.
  const bool ask_ids = marks->skipped() > 0;
  return VisitRecords(*cursor, c, SeqNo{0}, [&](const Record& record) -> Result<bool> {
    if (record.deleted || superseded.contains(record.seq_no.value)) return true;
    if (ask_ids) {
      const auto newest = Version(c, record.id);
      if (newest.ok() && *newest && (*newest)->seq_no > record.seq_no) return true;
    }
    return visit(record);
  });
}

Status KeyValueRecordStore::Purge(CollectionId c, SeqNo safe, SeqNo forget_deletes) {
  TRINE_TRY(PurgeSuperseded(c, safe));
  return ForgetDeletes(c, std::min(safe, forget_deletes));
}

// Keeps the marks of deletes, because ForgetDeletes needs them to find the deletes.
Status KeyValueRecordStore::PurgeSuperseded(CollectionId c, SeqNo safe) {
  const StatePtr state = StateOf(c);
  const std::string end = RecordKey(c, safe);
  const auto marks = kv_.Scan(Family::kObsolete);
  marks->Seek(CollectionKey(c));
  while (marks->Valid() && marks->key() < end) {
    const MutexLock lock(state->purge);
    storage::WriteBatch batch;
    for (size_t n = 0; n < kPurgeBatch && marks->Valid() && marks->key() < end; ++n, marks->Next()) {
      const auto mark = DecodeSupersededMark(marks->value());
      if (mark.ok()) {
        std::string superseded = RecordKey(c, mark->seq_no);
        if (superseded != marks->key()) batch.Delete(Family::kRecords, std::move(superseded));
        if (mark->by_delete) continue;
      }
      batch.Delete(Family::kObsolete, std::string(marks->key()));
    }
    // Need not be synced: the next purge repeats the removals that a crash undoes.
    if (!batch.empty()) TRINE_TRY(kv_.Write(batch, storage::Durability::kBuffered));
  }
  return marks->status();
}

// Called after PurgeSuperseded, which removes every older version of these ids. If a crash undoes that
// removal, it also undoes this later one, so the deletes are still stored and a replay from the beginning
// does not restore a deleted id.
Status KeyValueRecordStore::ForgetDeletes(CollectionId c, SeqNo end) {
  const StatePtr state = StateOf(c);
  const auto marks = kv_.Scan(Family::kObsolete);
  marks->Seek(CollectionKey(c));
  while (true) {
    const std::lock_guard writes(state->write);
    // Keep the last record, from which numbering continues.
    const std::string stop =
        RecordKey(c, SeqNo{std::min(end.value, std::max<uint64_t>(state->next_seq_no, 1) - 1)});
    storage::WriteBatch batch;
    size_t n = 0;
    for (; n < kForgetBatch && marks->Valid() && marks->key() < stop; ++n, marks->Next()) {
      storage::KeyReader key(marks->key().substr(CollectionKey(c).size()));
      SeqNo seq_no;
      if (key.U64(&seq_no.value)) TRINE_TRY(ForgetDelete(c, seq_no, &batch));
      batch.Delete(Family::kObsolete, std::string(marks->key()));
    }
    if (n == 0) return marks->status();
    TRINE_TRY(kv_.Write(batch, storage::Durability::kBuffered));
  }
}

// Requires the write lock. Removes nothing if the id was written again after the delete: the superseded mark
// of the later write lets a purge remove the tombstone.
Status KeyValueRecordStore::ForgetDelete(CollectionId c, SeqNo seq_no, storage::WriteBatch* batch) const {
  TRINE_ASSIGN(const auto value, kv_.Get(Family::kRecords, RecordKey(c, seq_no)));
  if (!value) return Ok();
  const auto tombstone = DecodeRecord(seq_no, *value, false);
  if (!tombstone.ok() || !tombstone->record.deleted) return Ok();
  TRINE_ASSIGN(const auto entry, FindIdEntry(c, tombstone->record.id));
  if (!entry || entry->version.seq_no != seq_no) return Ok();
  batch->Delete(Family::kRecordIds, IdKey(c, tombstone->record.id));
  batch->Delete(Family::kRecords, RecordKey(c, seq_no));
  return Ok();
}

Status KeyValueRecordStore::Erase(CollectionId c) {
  storage::WriteBatch batch;
  for (const Family family : {Family::kRecords, Family::kRecordIds, Family::kItemIds, Family::kObsolete}) {
    batch.DeleteRange(family, CollectionKey(c), EndOfCollection(c));
  }
  batch.Delete(Family::kMeta, DropMark(c));
  batch.Delete(Family::kMeta, BindMark(c));
  TRINE_TRY(kv_.Write(batch, storage::Durability::kBuffered));
  const MutexLock lock(mutex_);
  states_.erase(c);
  return Ok();
}

Status KeyValueRecordStore::EraseDropped() {
  std::vector<CollectionId> dropped;
  const auto cursor = kv_.Scan(Family::kMeta);
  const std::string_view prefix = kDropMarkPrefix;
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    storage::KeyReader key(cursor->key().substr(prefix.size()));
    CollectionId c;
    if (key.U32(&c.value)) dropped.push_back(c);
  }
  TRINE_TRY(cursor->status());
  for (const CollectionId c : dropped) {
    log_.Info("removing the records of collection " + std::to_string(c.value) + ", which was dropped");
    if (const Status erased = Erase(c); !erased.ok()) {
      log_.Warning("cannot remove the records of a dropped collection: " + erased.error().ToString());
    }
  }
  return Ok();
}

}  // namespace

Result<std::unique_ptr<RecordStore>> OpenRecordStore(storage::KeyValue& kv, Log& log) {
  auto store = std::make_unique<KeyValueRecordStore>(kv, log);
  TRINE_TRY(store->EraseDropped());
  return std::unique_ptr<RecordStore>(std::move(store));
}

namespace {

constexpr size_t kRecordCopies = 3;  // the record, and the text of the answer while it grows
// Records of at most this many bytes need no reservation: the number of threads bounds them.
constexpr size_t kSmallAnswer = 64u << 10;

}  // namespace

Status AnswerRoom::Take(size_t bytes) {
  TRINE_CHECK_LE(taken_, most_);
  if (bytes > most_ - taken_) {
    return Error(ErrorCode::kAnswerTooLarge, "the records in this response exceed " + std::to_string(most_) +
                                                 " bytes; request fewer records, or only parts of them");
  }
  if (taken_ + bytes > kSmallAnswer) TRINE_TRY(memory_.GrowTo(kRecordCopies * (taken_ + bytes)));
  taken_ += bytes;
  return Ok();
}

size_t AnswerRoom::left() const {
  const size_t most = std::min(most_, std::max(memory_.most() / kRecordCopies, kSmallAnswer));
  return most - std::min(most, taken_);
}

Result<std::vector<std::optional<Record>>> MultiGetWithin(const RecordStore& store, CollectionId c,
                                                          const std::vector<SeqNo>& seq_nos,
                                                          AnswerRoom* room) {
  TRINE_CHECK(room != nullptr);
  std::vector<std::optional<Record>> all;
  all.reserve(seq_nos.size());
  size_t batch = kFirstBatch, largest = 1;
  while (all.size() < seq_nos.size()) {
    const auto from = seq_nos.begin() + static_cast<ptrdiff_t>(all.size());
    const size_t count = std::min(batch, seq_nos.size() - all.size());
    TRINE_ASSIGN(auto some, store.MultiGet(c, {from, from + static_cast<ptrdiff_t>(count)}));
    TRINE_CHECK_EQ(some.size(), count);
    size_t bytes = 0;
    for (std::optional<Record>& record : some) {
      const size_t one = record ? record->source.size() : 0;
      bytes += one;
      largest = std::max(largest, one);
      all.push_back(std::move(record));
    }
    TRINE_TRY(room->Take(bytes));
    // Choose the size of the next batch as if every record were as large as the largest so far, so that the
    // batch exceeds the limit only slightly.
    batch = std::clamp(room->left() / largest, size_t{1}, std::min(2 * batch, kMostInBatch));
  }
  return all;
}

}  // namespace trine::catalogue
