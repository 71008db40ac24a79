#include "operations/write/collection_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "base/task_health.h"
#include "catalogue/no_collection.h"
#include "operations/write/conflict.h"
#include "operations/write/item_view.h"
#include "operations/write/parallel.h"

namespace trine::operations {

using catalogue::CollectionPtr;
using catalogue::NoCollection;
using catalogue::Record;
using catalogue::RecordVersion;
using catalogue::StagedWrite;

// The changes that one batch makes to the store, and then to the index.
struct CollectionWriter::Batch {
  std::unique_ptr<catalogue::RecordTransaction> transaction;
  std::optional<catalogue::Binding> binding;
  std::unordered_map<std::string_view, StagedState, StringHash, std::equal_to<>> newest;
  struct IndexOp {
    SeqNo seq_no;
    std::optional<SeqNo> remove;
    std::optional<index::IndexDocument> add;
  };
  std::vector<IndexOp> index_ops;
  std::vector<PendingWrite*> staged;
};

CollectionWriter::CollectionWriter(const WriterDependencies& deps, CollectionId id, std::string name,
                                   std::shared_ptr<index::CollectionIndex> index)
    : deps_(deps), id_(id), name_(std::move(name)), index_(std::move(index)) {
  written_ = searchable_ = flushed_ = watched_end_ = deps_.records.NextSeqNo(id_).value;
  watched_since_ = deps_.clock.MonotonicNanos();
}

void CollectionWriter::Write(std::vector<PendingWrite>* writes) {
  PrepareAll(writes, deps_.pool);
  StageAll(writes);
}

// Returns the mapper of the newest collection snapshot. Compiles it again if the snapshot has changed.
Result<std::shared_ptr<const DocumentMapper>> CollectionWriter::Mapper() {
  CollectionPtr collection = deps_.catalogue.Get(id_);
  if (collection == nullptr) return NoCollection(name_);
  const MutexLock lock(mapper_mutex_);
  if (mapper_ == nullptr || mapper_->collection() != collection) {
    TRINE_ASSIGN(mapper_, DocumentMapper::Compile(std::move(collection), deps_.analyzers));
  }
  return mapper_;
}

// Parses, analyses and maps the writes outside the write lock. Prepares the first document alone, because it
// usually introduces most of the new fields: the others then find them in the mapping.
void CollectionWriter::PrepareAll(std::vector<PendingWrite>* writes, ThreadPool* pool) {
  const std::optional<catalogue::Binding> binding = deps_.catalogue.BindingOf(name_);
  const RecordLookup lookup = [this](std::string_view id) { return deps_.records.Get(id_, id); };
  for (size_t from = 0, count = 1; from < writes->size(); from += count, count = writes->size() - from) {
    Result<std::shared_ptr<const DocumentMapper>> mapper = Mapper();
    if (!mapper.ok()) {
      for (PendingWrite& write : *writes) write.error = mapper.error();
      return;
    }
    const PrepareDependencies deps{**mapper, binding, deps_.records, lookup, deps_.memory};
    ParallelFor(pool, count, [&](size_t i) {
      PendingWrite& write = (*writes)[from + i];
      if (!write.failed()) Prepare(deps, &write);
    });
    for (size_t i = from; i < from + count; ++i) Grow(&(*writes)[i]);
  }
}

// Adds the new fields of a document to the collection's mapping. If another write has meanwhile added one of
// them with a different type, maps the document again with that type.
void CollectionWriter::Grow(PendingWrite* write) {
  constexpr int kAttempts = 4;
  for (int attempt = 0; !write->failed() && write->mapped && attempt < kAttempts; ++attempt) {
    if (write->mapped->grown.properties.empty()) return;
    const CollectionPtr collection = deps_.catalogue.Get(id_);
    if (collection == nullptr) {
      write->error = NoCollection(name_);
      return;
    }
    if (MappingCovers(collection->mapping, write->mapped->grown)) return;
    catalogue::Mapping more = write->mapped->grown;
    more.dynamic = collection->mapping.dynamic;  // may have changed since the document was mapped
    more.date_detection = collection->mapping.date_detection;
    more.meta = collection->mapping.meta;
    Result<CollectionPtr> grown = deps_.catalogue.AddFields(name_, more);
    if (grown.ok()) return;
    if (grown.error().code != ErrorCode::kMappingConflict || attempt + 1 == kAttempts) {
      write->error = std::move(grown).error();
      return;
    }
    Result<std::shared_ptr<const DocumentMapper>> mapper = Mapper();
    if (!mapper.ok()) {
      write->error = std::move(mapper).error();
      return;
    }
    Remap(**mapper, write);
  }
}

void CollectionWriter::StageAll(std::vector<PendingWrite>* writes) {
  Batch batch;
  batch.transaction = deps_.records.Begin(id_);
  const bool gone = closed_ || deps_.catalogue.Get(id_) == nullptr;
  batch.binding = deps_.catalogue.BindingOf(name_);
  for (PendingWrite& write : *writes) {
    if (gone) {
      write.error = NoCollection(name_);
      continue;
    }
    // A failed write is skipped, unless it depends on the stored record: it may have failed only because it
    // was prepared from an older version of that record, so Stage prepares it again from the newest.
    if (write.failed() && !(write.prepared && write.reads_store())) continue;
    if (Status staged = Stage(&batch, &write); !staged.ok()) write.error = std::move(staged).error();
  }
  if (!batch.transaction->empty()) Store(&batch, writes);
}

Result<std::optional<RecordVersion>> CollectionWriter::NewestVersion(const Batch& batch,
                                                                     std::string_view id) const {
  const auto found = batch.newest.find(id);
  if (found != batch.newest.end()) return std::optional<RecordVersion>(found->second.version);
  return deps_.records.Version(id_, id);
}

Result<std::optional<Record>> CollectionWriter::NewestRecord(const Batch& batch, std::string_view id) const {
  const auto found = batch.newest.find(id);
  if (found == batch.newest.end()) return deps_.records.Get(id_, id);
  const StagedState& newest = found->second;
  if (newest.version.deleted) return std::optional<Record>();
  TRINE_DCHECK_NE(newest.source, nullptr);
  TRINE_DCHECK_NE(newest.routing, nullptr);
  Record record;
  record.id = id;
  record.seq_no = newest.version.seq_no;
  record.version = newest.version.version;
  record.primary_term = newest.version.primary_term;
  record.source = *newest.source;
  record.routing = *newest.routing;
  record.put_individually = newest.version.put_individually;
  return std::optional<Record>(std::move(record));
}

// Prepares the write again, from the newest record and the current binding. Requires the write lock.
Status CollectionWriter::Reprepare(Batch* batch, PendingWrite* write) {
  TRINE_ASSIGN(const std::shared_ptr<const DocumentMapper> mapper, Mapper());
  const RecordLookup lookup = [&](std::string_view id) { return NewestRecord(*batch, id); };
  Prepare({*mapper, batch->binding, deps_.records, lookup, deps_.memory}, write);
  Grow(write);
  if (write->failed()) return *write->error;
  return Ok();
}

Status CollectionWriter::Stage(Batch* batch, PendingWrite* write) {
  if (write->failed()) {
    TRINE_TRY(Reprepare(batch, write));
  } else if (write->reads_store()) {
    TRINE_ASSIGN(const std::optional<RecordVersion> now, NewestVersion(*batch, write->id));
    std::optional<SeqNo> live;
    if (now && !now->deleted) live = now->seq_no;
    const bool by_field =
        write->kind == PendingWrite::Kind::kItem && batch->binding && !batch->binding->item_id_field.empty();
    // A new item (no `live` record) whose id is stored in a field is always prepared again: another write may
    // meanwhile have stored a document with that item id under another record id.
    if (live != write->based_on || (by_field && !live)) TRINE_TRY(Reprepare(batch, write));
  }
  const std::string now_field = batch->binding ? batch->binding->item_id_field : "";
  const std::string then_field = write->binding ? write->binding->item_id_field : "";
  if (write->mapped && now_field != then_field) TRINE_TRY(Reprepare(batch, write));

  const WriteOp& op = write->op;
  const bool conditional = op.if_seq_no || op.if_primary_term || op.kind == WriteOp::Kind::kCreate ||
                           op.version_type != WriteOp::VersionType::kInternal || write->noop;
  std::optional<RecordVersion> before;
  if (conditional && !write->has_generated_id) {
    TRINE_ASSIGN(before, NewestVersion(*batch, write->id));
    if (write->kind != PendingWrite::Kind::kItem) TRINE_TRY(CheckVersion(op, write->id, before));
  }
  write->outcome.id = write->id;
  return StagePrepared(batch, write, before);
}

Status CollectionWriter::StagePrepared(Batch* batch, PendingWrite* write,
                                       const std::optional<RecordVersion>& before) {
  WriteOutcome& outcome = write->outcome;
  if (write->noop) {
    outcome.result = WriteOutcome::Result::kNoop;
    outcome.version = before.value_or(RecordVersion{});
    if (write->wants_source()) outcome.source = write->source;
    return Ok();
  }
  const std::optional<uint64_t> version = VersionToStore(write->op);
  Batch::IndexOp index_op;
  StagedWrite staged;
  if (write->kind == PendingWrite::Kind::kDelete) {
    TRINE_ASSIGN(staged, batch->transaction->Delete(write->id, version));
  } else {
    TRINE_ASSIGN(staged, batch->transaction->Put({write->id, write->source, write->item_id, write->routing,
                                                  version, write->put_individually}));
    TRINE_CHECK(write->mapped.has_value());  // only a write that was prepared without an error is staged
    index_op.add = std::move(write->mapped->document);
    index_op.add->seq_no = staged.current.seq_no;
  }
  const bool existed = staged.previous && !staged.previous->deleted;
  if (existed) {
    TRINE_CHECK_LT(staged.previous->seq_no.value, staged.current.seq_no.value);
    index_op.remove = staged.previous->seq_no;
  }
  index_op.seq_no = staged.current.seq_no;
  if (!batch->index_ops.empty()) TRINE_CHECK_LT(batch->index_ops.back().seq_no.value, index_op.seq_no.value);
  batch->index_ops.push_back(std::move(index_op));
  if (write->kind == PendingWrite::Kind::kDelete) {
    outcome.result = existed ? WriteOutcome::Result::kDeleted : WriteOutcome::Result::kNotFound;
  } else {
    outcome.result = existed ? WriteOutcome::Result::kUpdated : WriteOutcome::Result::kCreated;
  }
  outcome.version = staged.current;
  if (write->wants_source()) outcome.source = write->source;
  // The map's key refers to the string `outcome.id`, which does not move while the batch exists.
  batch->newest.insert_or_assign(outcome.id, StagedState{staged.current, &write->source, &write->routing});
  batch->staged.push_back(write);
  return Ok();
}

void CollectionWriter::Store(Batch* batch, std::vector<PendingWrite>* writes) {
  const Status written = batch->transaction->Commit();
  if (!written.ok()) {
    for (PendingWrite& write : *writes) {
      if (!write.failed()) write.error = written.error();
    }
    return;
  }
  TRINE_CHECK_EQ(batch->index_ops.size(), batch->staged.size());
  try {
    PutIntoIndex(batch);
  } catch (const std::bad_alloc&) {  // not even the failure could be logged; the writes are stored
    lagging_from_ = std::min(lagging_from_.value_or(index_->accepted_end()), index_->accepted_end());
    lagging_ = true;
  }
  const int64_t now = deps_.clock.MonotonicNanos();
  const uint64_t end = deps_.records.NextSeqNo(id_).value;
  TRINE_CHECK_GE(end, written_.load());
  written_ = end;
  int64_t never = kNever;
  dirty_since_.compare_exchange_strong(never, now);
  never = kNever;
  unflushed_since_.compare_exchange_strong(never, now);
  deps_.wake();
}

// The writes are already stored. If the index rejects one, it and all later ones are replayed from the store
// at the next refresh.
void CollectionWriter::PutIntoIndex(Batch* batch) {
  for (Batch::IndexOp& op : batch->index_ops) {
    if (lagging_from_) return;
    const Status put = CatchBadAlloc([&]() -> Status {
      if (op.add) return index_->Add(*op.add, op.remove);
      return op.remove ? index_->Delete(*op.remove) : Ok();
    });
    if (!put.ok()) {
      lagging_from_ = std::min(op.seq_no, index_->accepted_end());
      lagging_ = true;
      deps_.log.Error("index of \"" + name_ + "\" rejected operation " + std::to_string(op.seq_no.value) +
                      ": " + put.error().ToString());
      return;
    }
  }
  index_->Advance(deps_.records.NextSeqNo(id_));
}

Status CollectionWriter::Restage() {
  constexpr size_t kChunk = 1000, kChunkBytes = 4u << 20;
  std::vector<PendingWrite> writes;
  size_t bytes = 0;  // of the sources in `writes`
  const auto flush = [&]() -> Status {
    Write(&writes);
    for (const PendingWrite& write : writes) {
      // Ignore version conflicts: they mean that a newer version of the record was stored meanwhile, and that
      // version was stored with its item id.
      if (write.failed() && write.error->code != ErrorCode::kVersionConflict) return *write.error;
    }
    writes.clear();
    bytes = 0;
    return Ok();
  };
  const auto visit = [&](const Record& record) -> Result<bool> {
    PendingWrite write;
    write.id = record.id;
    write.op.id = record.id;
    write.op.source = record.source;
    write.op.routing = record.routing;
    write.is_stored = true;
    write.op.if_seq_no = record.seq_no.value;
    write.op.if_primary_term = record.primary_term;
    write.op.version_type = WriteOp::VersionType::kExternalGte;
    write.op.version = record.version;
    writes.push_back(std::move(write));
    bytes += record.source.size();
    if (writes.size() == kChunk || bytes >= kChunkBytes) TRINE_TRY(flush());
    return true;
  };
  TRINE_TRY(deps_.records.ScanLive(id_, visit));
  return flush();
}

void CollectionWriter::Close() {
  {
    const auto lock = deps_.records.Begin(id_);
    closed_ = true;
  }
  for (const Task task : {kRefresh, kFlush}) deps_.tasks->Works(TaskName(task));
  deps_.tasks->Works(RepairName());
  searchable_ = written_.load();
  CallWaiters();
}

}  // namespace trine::operations
