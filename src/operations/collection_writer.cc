#include "operations/collection_writer.h"

#include <algorithm>
#include <utility>

#include "operations/conflict.h"
#include "operations/item_view.h"
#include "operations/parallel.h"

namespace trine::operations {

using catalogue::CollectionPtr;
using catalogue::Record;
using catalogue::RecordVersion;
using catalogue::Staged;

Error NoCollection(const std::string& name) {
  return Error(ErrorCode::kCollectionNotFound, "no such index [" + name + "]").Where(name);
}

// What one group of writes puts into the store and then into the index.
struct CollectionWriter::Batch {
  storage::WriteBatch writes;
  std::optional<catalogue::Binding> binding;
  std::unordered_map<std::string_view, Newest, StringHash, std::equal_to<>> newest;
  struct IndexOp {
    SeqNo seq_no;
    std::optional<SeqNo> remove;
    std::optional<index::IndexDocument> add;
  };
  std::vector<IndexOp> index_ops;
  std::vector<Intent*> staged;
};

CollectionWriter::CollectionWriter(const WriterParts& parts, CollectionId id, std::string name,
                                   std::shared_ptr<index::Index> index)
    : parts_(parts), id_(id), name_(std::move(name)), index_(std::move(index)) {
  written_ = searchable_ = flushed_ = watched_end_ = parts_.records.NextSeqNo(id_).value;
  watched_since_ = parts_.clock.MonotonicNanos();
}

void CollectionWriter::Run(std::vector<Intent>* intents) {
  PrepareAll(intents);
  StageAll(intents);
}

// The plan of the newest mapping, made again when the collection has changed.
Result<std::shared_ptr<const DocumentMapper>> CollectionWriter::Mapper() {
  CollectionPtr collection = parts_.catalogue.Get(id_);
  if (collection == nullptr) return NoCollection(name_);
  const std::lock_guard lock(mapper_mutex_);
  if (mapper_ == nullptr || mapper_->collection() != collection) {
    TRINE_ASSIGN(mapper_, DocumentMapper::Compile(std::move(collection), parts_.analyzers));
  }
  return mapper_;
}

// Parses, analyses and maps outside the lock. The first document goes alone, so that what it adds to
// the mapping need not be found again by all the others.
void CollectionWriter::PrepareAll(std::vector<Intent>* intents) {
  const std::optional<catalogue::Binding> binding = parts_.catalogue.BindingOf(name_);
  const RecordLookup lookup = [this](std::string_view id) { return parts_.records.Get(id_, id); };
  for (size_t from = 0, count = 1; from < intents->size(); from += count, count = intents->size() - from) {
    Result<std::shared_ptr<const DocumentMapper>> mapper = Mapper();
    if (!mapper.ok()) {
      for (Intent& intent : *intents) intent.error = mapper.error();
      return;
    }
    const PrepareParts parts{**mapper, binding, parts_.records, lookup};
    ParallelFor(parts_.pool, count, [&](size_t i) {
      Intent& intent = (*intents)[from + i];
      if (!intent.failed()) Prepare(parts, &intent);
    });
    for (size_t i = from; i < from + count; ++i) Grow(&(*intents)[i]);
  }
}

// Makes the mapping hold what the document brought. When somebody else gave a new field another type
// meanwhile, the document is mapped again by that.
void CollectionWriter::Grow(Intent* intent) {
  constexpr int kAttempts = 4;
  for (int attempt = 0; !intent->failed() && intent->mapped && attempt < kAttempts; ++attempt) {
    if (intent->mapped->grown.properties.empty()) return;
    const CollectionPtr collection = parts_.catalogue.Get(id_);
    if (collection == nullptr) {
      intent->error = NoCollection(name_);
      return;
    }
    if (Covers(collection->mapping, intent->mapped->grown)) return;
    catalogue::Mapping more = intent->mapped->grown;
    more.dynamic = collection->mapping.dynamic;  // may have been set since the document was mapped
    more.date_detection = collection->mapping.date_detection;
    more.meta = collection->mapping.meta;
    Result<CollectionPtr> grown = parts_.catalogue.AddFields(name_, more);
    if (grown.ok()) return;
    if (grown.error().code != ErrorCode::kMappingConflict || attempt + 1 == kAttempts) {
      intent->error = std::move(grown).error();
      return;
    }
    Result<std::shared_ptr<const DocumentMapper>> mapper = Mapper();
    if (!mapper.ok()) {
      intent->error = std::move(mapper).error();
      return;
    }
    Remap(**mapper, intent);
  }
}

void CollectionWriter::StageAll(std::vector<Intent>* intents) {
  Batch batch;
  const std::unique_ptr<catalogue::RecordStore::WriteLock> lock = parts_.records.Lock(id_);
  const bool gone = closed_ || parts_.catalogue.Get(id_) == nullptr;
  batch.binding = parts_.catalogue.BindingOf(name_);
  for (Intent& intent : *intents) {
    if (gone) {
      intent.error = NoCollection(name_);
      continue;
    }
    // What went wrong with a record as it was need not be wrong with it as it is now.
    if (intent.failed() && !(intent.prepared && intent.reads_store())) continue;
    if (Status staged = Stage(&batch, &intent); !staged.ok()) intent.error = std::move(staged).error();
  }
  if (!batch.writes.empty()) Store(&batch, intents);
}

Result<std::optional<RecordVersion>> CollectionWriter::NewestVersion(const Batch& batch,
                                                                     std::string_view id) const {
  const auto found = batch.newest.find(id);
  if (found != batch.newest.end()) return std::optional<RecordVersion>(found->second.version);
  return parts_.records.Version(id_, id);
}

Result<std::optional<Record>> CollectionWriter::NewestRecord(const Batch& batch, std::string_view id) const {
  const auto found = batch.newest.find(id);
  if (found == batch.newest.end()) return parts_.records.Get(id_, id);
  const Newest& newest = found->second;
  if (newest.version.deleted) return std::optional<Record>();
  Record record;
  record.id = id;
  record.seq_no = newest.version.seq_no;
  record.version = newest.version.version;
  record.primary_term = newest.version.primary_term;
  record.source = *newest.source;
  record.routing = *newest.routing;
  record.single = newest.version.single;
  return std::optional<Record>(std::move(record));
}

// Under the lock: the record that the intent was made from has changed, so it is made again.
Status CollectionWriter::Reprepare(Batch* batch, Intent* intent) {
  TRINE_ASSIGN(const std::shared_ptr<const DocumentMapper> mapper, Mapper());
  const RecordLookup lookup = [&](std::string_view id) { return NewestRecord(*batch, id); };
  Prepare({*mapper, batch->binding, parts_.records, lookup}, intent);
  Grow(intent);
  if (intent->failed()) return *intent->error;
  return Ok();
}

Status CollectionWriter::Stage(Batch* batch, Intent* intent) {
  if (intent->failed()) {
    TRINE_TRY(Reprepare(batch, intent));
  } else if (intent->reads_store()) {
    TRINE_ASSIGN(const std::optional<RecordVersion> now, NewestVersion(*batch, intent->id));
    std::optional<SeqNo> live;
    if (now && !now->deleted) live = now->seq_no;
    const bool by_field =
        intent->kind == Intent::Kind::kItem && batch->binding && !batch->binding->item_id_field.empty();
    // A new item bound by a field may have become some document's meanwhile.
    if (live != intent->based_on || (by_field && !live)) TRINE_TRY(Reprepare(batch, intent));
  }
  const std::string now_field = batch->binding ? batch->binding->item_id_field : "";
  const std::string then_field = intent->binding ? intent->binding->item_id_field : "";
  if (intent->mapped && now_field != then_field) TRINE_TRY(Reprepare(batch, intent));

  const WriteOp& op = intent->op;
  const bool conditional = op.if_seq_no || op.if_primary_term || op.kind == WriteOp::Kind::kCreate ||
                           op.version_type != WriteOp::VersionType::kInternal || intent->noop;
  std::optional<RecordVersion> before;
  if (conditional && !intent->made_id) {
    TRINE_ASSIGN(before, NewestVersion(*batch, intent->id));
    if (intent->kind != Intent::Kind::kItem) TRINE_TRY(CheckVersion(op, intent->id, before));
  }
  intent->outcome.id = intent->id;
  return StagePrepared(batch, intent, before);
}

Status CollectionWriter::StagePrepared(Batch* batch, Intent* intent,
                                       const std::optional<RecordVersion>& before) {
  WriteOutcome& outcome = intent->outcome;
  if (intent->noop) {
    outcome.result = WriteOutcome::Result::kNoop;
    outcome.version = before.value_or(RecordVersion{});
    outcome.source = intent->source;
    return Ok();
  }
  const std::optional<uint64_t> version = VersionToStore(intent->op);
  Batch::IndexOp index_op;
  Staged staged;
  if (intent->kind == Intent::Kind::kDelete) {
    TRINE_ASSIGN(staged, parts_.records.StageDelete(id_, intent->id, version, &batch->writes));
  } else {
    TRINE_ASSIGN(staged, parts_.records.StagePut(id_, intent->id, intent->source, intent->item_id,
                                                 intent->routing, version, intent->single, &batch->writes));
    index_op.add = std::move(intent->mapped->document);
    index_op.add->seq_no = staged.now.seq_no;
  }
  const bool existed = staged.before && !staged.before->deleted;
  if (existed) index_op.remove = staged.before->seq_no;
  index_op.seq_no = staged.now.seq_no;
  batch->index_ops.push_back(std::move(index_op));
  if (intent->kind == Intent::Kind::kDelete) {
    outcome.result = existed ? WriteOutcome::Result::kDeleted : WriteOutcome::Result::kNotFound;
  } else {
    outcome.result = existed ? WriteOutcome::Result::kUpdated : WriteOutcome::Result::kCreated;
  }
  outcome.version = staged.now;
  if (intent->kind == Intent::Kind::kUpdate) outcome.source = intent->source;
  // The key is the outcome's own id: it stays where it is for as long as the batch.
  batch->newest.insert_or_assign(outcome.id, Newest{staged.now, &intent->source, &intent->routing});
  batch->staged.push_back(intent);
  return Ok();
}

void CollectionWriter::Store(Batch* batch, std::vector<Intent>* intents) {
  const Status written = parts_.kv.Write(batch->writes, storage::Durability::kSync);
  if (!written.ok()) {
    parts_.records.Abandon(id_);
    for (Intent& intent : *intents) {
      if (!intent.failed()) intent.error = written.error();
    }
    return;
  }
  parts_.records.Commit(id_, batch->writes);
  PutIntoIndex(batch);
  const int64_t now = parts_.clock.MonotonicNanos();
  written_ = parts_.records.NextSeqNo(id_).value;
  int64_t never = kNever;
  dirty_since_.compare_exchange_strong(never, now);
  never = kNever;
  unflushed_since_.compare_exchange_strong(never, now);
  parts_.wake();
}

// The writes are facts by now: when the index refuses one, it and all later ones are replayed from the
// store at the next refresh.
void CollectionWriter::PutIntoIndex(Batch* batch) {
  for (Batch::IndexOp& op : batch->index_ops) {
    if (lagging_from_) return;
    Status put;
    if (op.add) {
      put = index_->Add(std::move(*op.add), op.remove);
    } else if (op.remove) {
      put = index_->Delete(*op.remove);
    }
    if (!put.ok()) {
      lagging_from_ = op.seq_no;
      lagging_ = true;
      parts_.log.Error("index of [" + name_ + "] refused operation " + std::to_string(op.seq_no.value) +
                       ": " + put.error().ToString());
      return;
    }
  }
  index_->Advance(parts_.records.NextSeqNo(id_));
}

Status CollectionWriter::Restage() {
  constexpr size_t kChunk = 1000;
  std::vector<Intent> intents;
  const auto flush = [&]() -> Status {
    Run(&intents);
    for (const Intent& intent : intents) {
      // A newer version is in by now, with its item id.
      if (intent.failed() && intent.error->code != ErrorCode::kVersionConflict) return *intent.error;
    }
    intents.clear();
    return Ok();
  };
  const auto visit = [&](const Record& record) -> Result<bool> {
    Intent intent;
    intent.id = record.id;
    intent.op.id = record.id;
    intent.op.source = record.source;
    intent.op.routing = record.routing;
    intent.op.if_seq_no = record.seq_no.value;
    intent.op.if_primary_term = record.primary_term;
    intent.op.version_type = WriteOp::VersionType::kExternalGte;
    intent.op.version = record.version;
    intents.push_back(std::move(intent));
    if (intents.size() == kChunk) TRINE_TRY(flush());
    return true;
  };
  TRINE_TRY(parts_.records.ScanLive(id_, visit));
  return flush();
}

void CollectionWriter::Close() {
  {
    const std::unique_ptr<catalogue::RecordStore::WriteLock> lock = parts_.records.Lock(id_);
    closed_ = true;
  }
  const std::lock_guard lock(wait_mutex_);
  searchable_ = written_.load();
  searchable_changed_.notify_all();
}

}  // namespace trine::operations
