#include "operations/write/writer.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/id_text.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "base/task_health.h"
#include "base/thread_pool.h"
#include "catalogue/no_collection.h"
#include "operations/write/collection_writer.h"
#include "operations/write/conflict.h"
#include "operations/write/foreign_index.h"
#include "operations/write/hidden_items.h"
#include "operations/write/pending_write.h"
#include "operations/write/prepare.h"
#include "operations/write/record_id.h"
#include "operations/write/refresher.h"

namespace trine::operations {
namespace {

using catalogue::Binding;
using catalogue::CollectionPtr;
using catalogue::NoCollection;

PendingWrite::Kind PendingKind(WriteOp::Kind kind) {
  switch (kind) {
    case WriteOp::Kind::kIndex:
      return PendingWrite::Kind::kIndex;
    case WriteOp::Kind::kCreate:
      return PendingWrite::Kind::kCreate;
    case WriteOp::Kind::kUpdate:
      return PendingWrite::Kind::kUpdate;
    case WriteOp::Kind::kDelete:
      return PendingWrite::Kind::kDelete;
  }
  return PendingWrite::Kind::kIndex;
}

uint64_t RandomProcessNumber() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device();
}

class EmbeddedWriter final : public Writer {
 public:
  EmbeddedWriter(catalogue::Catalogue& catalogue, catalogue::RecordStore& records, index::IndexSet& indexes,
                 const analysis::Analyzers& analyzers, const WriterOptions& options, const Clock& clock,
                 Log& log, Metrics& metrics)
      : catalogue_(catalogue),
        records_(records),
        indexes_(indexes),
        log_(log),
        operations_total_(metrics.GetCounter("trine_write_operations_total", "Document writes attempted.")),
        items_put_total_(metrics.GetCounter("trine_items_put_total", "Items put into dataset groups.")),
        ids_(clock, RandomProcessNumber()),
        pool_("write", std::max<size_t>(options.threads, 1), kQueueLimit),
        deps_{catalogue,
              records,
              analyzers,
              clock,
              log,
              metrics,
              &pool_,
              options.memory,
              options.tasks == nullptr ? &own_tasks_ : options.tasks,
              [this] { refresher_.Wake(); }},
        progress_(options.progress),
        step_bytes_(options.memory == nullptr ? SIZE_MAX : options.memory->step()),
        refresher_([this] { return AllWriters(); }, options.flush_interval_ms) {}
  ~EmbeddedWriter() override { refresher_.Stop(); }

  Status Open();

  std::vector<WriteOutcome> Write(std::vector<WriteOp> ops, RefreshPolicy refresh) override;
  Status PutItems(GroupId group, std::vector<ItemWrite> items, bool replace,
                  const Deadline& deadline) override {
    return PutItemsInto(group, std::move(items), replace, false, deadline);
  }
  void WhenSearchable(const std::vector<std::string>& collections, std::function<void()> done) override;
  Status RefreshNow(const std::vector<CollectionPtr>& collections) override;
  Status Flush(const std::vector<CollectionPtr>& collections) override;
  bool RepairIndexes(const std::function<bool()>& go_on) override;
  Status DropCollection(const std::string& name) override;
  Status ChangeAliases(const std::vector<catalogue::Catalogue::AliasChange>& changes,
                       const std::vector<std::string>& drops) override;
  Status Bind(Binding binding, const catalogue::RoleDeclarations* declared) override;

 private:
  static constexpr size_t kQueueLimit = 1024;
  using WriterPtr = std::shared_ptr<CollectionWriter>;

  std::vector<WriterPtr> AllWriters() const;
  Result<WriterPtr> WriterOf(const CollectionPtr& collection);
  Result<CollectionPtr> ResolveTarget(const WriteOp& op);
  PendingWrite MakePendingWrite(WriteOp op);
  // Operations on one collection.
  struct Group {
    WriterPtr writer;
    std::vector<size_t> places;  // their indexes among all operations
  };
  void WriteGroup(const Group& group, std::vector<WriteOp>* ops, std::vector<WriteOutcome>* outcomes);
  Status ReplayAll();
  void Publish(const std::vector<WriterPtr>& touched, std::vector<WriteOutcome>* outcomes);
  Status PutItemsInto(GroupId group, std::vector<ItemWrite> items, bool replace, bool fill,
                      const Deadline& deadline);
  Result<CollectionPtr> ItemCollection(GroupId group);
  Status DropUnknownIndexes();
  Status EraseContent(CollectionId id);
  Status CompleteBinds();
  Status StoreItemIds(const CollectionPtr& collection);
  Status MergeHidden(const CollectionPtr& hidden, GroupId group);

  catalogue::Catalogue& catalogue_;
  catalogue::RecordStore& records_;
  index::IndexSet& indexes_;
  Log& log_;
  Counter& operations_total_;
  Counter& items_put_total_;
  RecordIds ids_;
  ThreadPool pool_;
  TaskHealth own_tasks_;  // without one in the options
  const WriterDependencies deps_;
  const std::function<void(double done, const std::string& what)> progress_;
  const size_t step_bytes_;    // that a step of a large write may take
  mutable SharedMutex mutex_;  // held exclusively while the index of a new writer is opened
  std::unordered_map<CollectionId, WriterPtr> writers_ TRINE_GUARDED_BY(mutex_);
  // Serialises Bind, the creation of hidden collections, and merges. Recursive because a merge puts items,
  // which may create a hidden collection.
  std::recursive_mutex bind_mutex_;
  Refresher refresher_;
};

std::vector<EmbeddedWriter::WriterPtr> EmbeddedWriter::AllWriters() const {
  const ReaderLock lock(mutex_);
  std::vector<WriterPtr> all;
  all.reserve(writers_.size());
  for (const auto& [id, writer] : writers_) all.push_back(writer);
  return all;
}

// Returns the writer of a collection. Creates it and opens its index on first use.
Result<EmbeddedWriter::WriterPtr> EmbeddedWriter::WriterOf(const CollectionPtr& collection) {
  {
    const ReaderLock lock(mutex_);
    const auto found = writers_.find(collection->id);
    if (found != writers_.end()) return found->second;
  }
  const WriterLock lock(mutex_);
  const auto found = writers_.find(collection->id);
  if (found != writers_.end()) return found->second;
  if (catalogue_.Get(collection->id) == nullptr) return NoCollection(collection->name);
  TRINE_ASSIGN(std::shared_ptr<index::CollectionIndex> index, indexes_.Open(collection->id));
  auto writer = std::make_shared<CollectionWriter>(deps_, collection->id, collection->name, std::move(index));
  writers_.emplace(collection->id, writer);
  return writer;
}

// Removes the index files of dropped collections that a crash during the drop left behind.
Status EmbeddedWriter::DropUnknownIndexes() {
  TRINE_ASSIGN(const std::vector<CollectionId> stored, indexes_.Stored());
  for (const CollectionId id : stored) {
    if (catalogue_.Get(id) != nullptr) continue;
    // Its definition is lost, not the collection, and the index serves it again when the definition is back.
    // OpenRecordStore has removed the records of those that were dropped.
    if (records_.NextSeqNo(id).value > 0) continue;
    if (id >= catalogue_.NextId() && records_.health() != nullptr) {
      records_.health()->Missing(LostCollection(id));
    }
    log_.Info("removing the index files of collection " + std::to_string(id.value) + ", which was dropped");
    if (const Status dropped = indexes_.Drop(id); !dropped.ok()) {
      log_.Warning("cannot remove the index files of a dropped collection: " + dropped.error().ToString());
    }
  }
  return Ok();
}

Status EmbeddedWriter::Open() {
  TRINE_CHECK(AllWriters().empty());
  TRINE_TRY(DropUnknownIndexes());
  TRINE_TRY(ReplayAll());
  TRINE_TRY(CompleteBinds());
  refresher_.Start();
  return Ok();
}

// Opens the index of every collection and replays what it lacks. Reports the share of the operations that are
// replayed.
Status EmbeddedWriter::ReplayAll() {
  std::vector<std::pair<WriterPtr, double>> behind;  // with the number of operations that each lacks
  double total = 0, before = 0;
  for (const CollectionPtr& collection : catalogue_.All()) {
    TRINE_ASSIGN(const WriterPtr writer, WriterOf(collection));
    const double lacks = static_cast<double>(writer->OperationsToReplay()) + 1;
    behind.emplace_back(writer, lacks);
    total += lacks;
  }
  for (const auto& [writer, lacks] : behind) {
    const std::string what = "indexing the documents of \"" + writer->name() + "\"";
    writer->Replay([&, share = lacks](double done) {
      if (progress_) progress_((before + share * done) / total, what);
    });
    before += lacks;
  }
  return Ok();
}

// Whether `name` is an alias of the collection through which nothing may be written.
bool RefusesWrites(const catalogue::Collection& collection, std::string_view name) {
  return std::any_of(collection.aliases.begin(), collection.aliases.end(),
                     [name](const catalogue::Alias& alias) { return alias.name == name && alias.no_writes; });
}

// Returns the collection that an operation writes to. As in OpenSearch, creates a missing one, except for a
// delete without an external version.
Result<CollectionPtr> EmbeddedWriter::ResolveTarget(const WriteOp& op) {
  Result<CollectionPtr> found = catalogue_.ResolveOne(op.collection);
  if (op.require_alias && (!found.ok() || (*found)->name == op.collection)) {
    return Error(ErrorCode::kAliasRequired, "the write requires an alias, but this name is not an alias")
        .Where(op.collection);
  }
  if (found.ok() && RefusesWrites(**found, op.collection))
    return Error(ErrorCode::kNoWriteCollection, "the alias does not accept writes").Where(op.collection);
  if (found.ok() || found.error().code != ErrorCode::kCollectionNotFound) return found;
  if (op.kind == WriteOp::Kind::kDelete && op.version_type == WriteOp::VersionType::kInternal) return found;
  catalogue::NewCollection spec;
  spec.name = op.collection;
  Result<CollectionPtr> made = catalogue_.Create(std::move(spec));
  if (!made.ok() && made.error().kind() == ErrorKind::kExists) return catalogue_.ResolveOne(op.collection);
  return made;
}

PendingWrite EmbeddedWriter::MakePendingWrite(WriteOp op) {
  PendingWrite write;
  write.kind = PendingKind(op.kind);
  const bool may_make = op.kind == WriteOp::Kind::kIndex || op.kind == WriteOp::Kind::kCreate;
  if (op.id.empty() && may_make) {
    op.id = ids_.Next();
    write.has_generated_id = true;
  }
  write.id = op.id;
  if (Status good = CheckId(op.id); !good.ok()) write.error = std::move(good).error();
  write.op = std::move(op);
  return write;
}

std::vector<WriteOutcome> EmbeddedWriter::Write(std::vector<WriteOp> ops, RefreshPolicy refresh) {
  std::vector<WriteOutcome> outcomes(ops.size());
  std::vector<Group> groups;  // one per collection, in the order of the operations
  std::map<std::string, std::pair<Result<CollectionPtr>, size_t>> targets;
  for (size_t i = 0; i < ops.size(); ++i) {
    outcomes[i].collection = ops[i].collection;
    outcomes[i].id = ops[i].id;
    std::string key = ops[i].collection + (ops[i].require_alias ? "\na" : "\n");
    if (ops[i].kind == WriteOp::Kind::kDelete) key += "d";
    auto at = targets.find(key);
    if (at == targets.end() || !at->second.first.ok()) {
      Result<CollectionPtr> target = ResolveTarget(ops[i]);
      Result<WriterPtr> writer = target.ok() ? WriterOf(*target) : Result<WriterPtr>(target.error());
      if (!writer.ok()) target = writer.error();
      size_t place = groups.size();
      for (size_t g = 0; g < groups.size() && writer.ok(); ++g) {
        if (groups[g].writer == *writer) place = g;
      }
      if (writer.ok() && place == groups.size()) groups.push_back({*writer, {}});
      at = targets.insert_or_assign(key, std::pair(std::move(target), place)).first;
    }
    if (!at->second.first.ok()) {
      outcomes[i].error = at->second.first.error();
      continue;
    }
    groups[at->second.second].places.push_back(i);
  }
  std::vector<WriterPtr> touched;
  for (const Group& group : groups) {
    touched.push_back(group.writer);
    WriteGroup(group, &ops, &outcomes);
  }
  operations_total_.Add(static_cast<double>(outcomes.size()));
  if (refresh == RefreshPolicy::kNow) Publish(touched, &outcomes);
  return outcomes;
}

// Writes the operations of one collection, as many at a time as fit into memory.
void EmbeddedWriter::WriteGroup(const Group& group, std::vector<WriteOp>* ops,
                                std::vector<WriteOutcome>* outcomes) {
  for (size_t from = 0, end = 0; from < group.places.size(); from = end) {
    size_t bytes = 0;
    for (end = from; end < group.places.size(); ++end) {
      bytes += MemoryOf((*ops)[group.places[end]]);
      if (bytes > step_bytes_ && end > from) break;
    }
    std::vector<PendingWrite> writes;
    writes.reserve(end - from);
    for (size_t i = from; i < end; ++i)
      writes.push_back(MakePendingWrite(std::move((*ops)[group.places[i]])));
    group.writer->Write(&writes);
    TRINE_CHECK_EQ(writes.size(), end - from);
    for (size_t i = 0; i < writes.size(); ++i) {
      PendingWrite& write = writes[i];
      WriteOutcome& outcome = (*outcomes)[group.places[from + i]];
      outcome = std::move(write.outcome);
      outcome.collection = group.writer->name();
      outcome.id = std::move(write.id);
      outcome.error = std::move(write.error);
    }
  }
}

// Refreshes after the writes. If the refresh fails, the writes are kept and the failure is logged.
void EmbeddedWriter::Publish(const std::vector<WriterPtr>& touched, std::vector<WriteOutcome>* outcomes) {
  for (const WriterPtr& writer : touched) {
    const Status seen = writer->Refresh();
    if (!seen.ok()) {
      log_.Warning("refresh of \"" + writer->name() + "\" after a write failed: " + seen.error().ToString());
    }
    for (WriteOutcome& outcome : *outcomes) {
      if (outcome.collection == writer->name() && !outcome.error) outcome.forced_refresh = seen.ok();
    }
  }
}

void EmbeddedWriter::WhenSearchable(const std::vector<std::string>& collections, std::function<void()> done) {
  TRINE_CHECK(done != nullptr);
  std::vector<WriterPtr> writers;
  for (const std::string& name : collections) {
    const CollectionPtr collection = catalogue_.Get(name);
    if (collection == nullptr) continue;
    const ReaderLock lock(mutex_);
    const auto found = writers_.find(collection->id);
    if (found != writers_.end()) writers.push_back(found->second);
  }
  // One more than the writers, so that `done` does not run before all of them were asked.
  const auto left = std::make_shared<std::atomic<size_t>>(writers.size() + 1);
  const std::function<void()> one = [left, done = std::move(done)] {
    if (left->fetch_sub(1) == 1) done();
  };
  for (const WriterPtr& writer : writers) writer->WhenSearchable(one);
  one();
}

// Returns the collection that stores the items of a group. If the group has no binding, creates a hidden
// collection and binds it.
Result<CollectionPtr> EmbeddedWriter::ItemCollection(GroupId group) {
  const auto bound = [&]() -> CollectionPtr {
    const std::optional<Binding> binding = catalogue_.BindingOf(group);
    return binding ? catalogue_.Get(binding->collection) : nullptr;
  };
  if (CollectionPtr collection = bound()) return collection;
  const std::lock_guard lock(bind_mutex_);
  if (CollectionPtr collection = bound()) return collection;
  catalogue::NewCollection spec = HiddenCollection(group);
  Result<CollectionPtr> made = catalogue_.Create(spec);
  if (!made.ok() && made.error().kind() != ErrorKind::kExists) return made;
  TRINE_TRY(catalogue_.PutBinding({spec.name, group, "", {}}));
  CollectionPtr collection = catalogue_.Get(spec.name);
  if (collection == nullptr) return NoCollection(spec.name);
  return collection;
}

Status EmbeddedWriter::PutItemsInto(GroupId group, std::vector<ItemWrite> items, bool replace, bool fill,
                                    const Deadline& deadline) {
  TRINE_TRY(deadline.Check("storing items"));
  for (const ItemWrite& item : items) {
    TRINE_TRY(CheckId(item.id));
    // The ids of documents, which a merge puts (`fill`), may have any characters, as in OpenSearch.
    if (!fill) TRINE_TRY(CheckIdText(item.id, "item id"));
  }
  TRINE_ASSIGN(CollectionPtr collection, ItemCollection(group));
  if (collection->hidden) {
    const catalogue::Mapping more = NumberFields(*collection, items);
    if (!more.properties.empty()) {
      const Result<CollectionPtr> grown = catalogue_.AddFields(collection->name, more);
      if (!grown.ok() && grown.error().code != ErrorCode::kMappingConflict) return grown.error();
    }
  }
  TRINE_ASSIGN(const WriterPtr writer, WriterOf(collection));
  const size_t step = std::max<size_t>(step_bytes_ / MemoryOfItem(), 1);
  for (size_t from = 0; from < items.size(); from += step) {
    std::vector<PendingWrite> writes(std::min(step, items.size() - from));
    for (size_t i = 0; i < writes.size(); ++i) {
      writes[i].kind = PendingWrite::Kind::kItem;
      writes[i].item = std::move(items[from + i]);
      writes[i].replace = replace;
      writes[i].fill_missing = fill;
    }
    writer->Write(&writes);
    items_put_total_.Add(static_cast<double>(
        std::ranges::count_if(writes, [](const PendingWrite& write) { return !write.failed(); })));
    for (const PendingWrite& write : writes) {
      if (!write.failed()) continue;
      Error error = *write.error;
      error.message = "item \"" + write.item.id + "\": " + error.message;
      return error;
    }
  }
  return Ok();
}

Status EmbeddedWriter::RefreshNow(const std::vector<CollectionPtr>& collections) {
  for (const CollectionPtr& collection : collections) {
    TRINE_ASSIGN(const WriterPtr writer, WriterOf(collection));
    TRINE_TRY(writer->Refresh());
  }
  return Ok();
}

Status EmbeddedWriter::Flush(const std::vector<CollectionPtr>& collections) {
  for (const CollectionPtr& collection : collections) {
    TRINE_ASSIGN(const WriterPtr writer, WriterOf(collection));
    TRINE_TRY(writer->Flush());
  }
  return Ok();
}

bool EmbeddedWriter::RepairIndexes(const std::function<bool()>& go_on) {
  bool whole = true;
  for (const WriterPtr& writer : AllWriters()) {
    if (writer->index()->damaged()) whole = writer->Repair(go_on).ok() && whole;
  }
  return whole;
}

Status EmbeddedWriter::DropCollection(const std::string& name) {
  const CollectionPtr collection = catalogue_.Get(name);
  if (collection == nullptr) return NoCollection(name);
  TRINE_TRY(catalogue_.Drop(name));  // also drops its binding
  return EraseContent(collection->id);
}

Status EmbeddedWriter::ChangeAliases(const std::vector<catalogue::Catalogue::AliasChange>& changes,
                                     const std::vector<std::string>& drops) {
  std::vector<CollectionId> dropped;
  for (const std::string& name : drops) {
    const CollectionPtr collection = catalogue_.Get(name);
    if (collection == nullptr) return NoCollection(name);
    dropped.push_back(collection->id);
  }
  TRINE_TRY(catalogue_.ChangeAliases(changes, drops));
  Status erased = Ok();
  for (const CollectionId id : dropped) {
    if (Status one = EraseContent(id); !one.ok()) erased = std::move(one);
  }
  return erased;
}

// Removes the index and the records of a collection that is no longer in the catalogue.
Status EmbeddedWriter::EraseContent(CollectionId id) {
  WriterPtr writer;
  {
    const WriterLock lock(mutex_);
    const auto found = writers_.find(id);
    if (found != writers_.end()) {
      writer = std::move(found->second);
      writers_.erase(found);
    }
  }
  if (writer != nullptr) writer->Close();
  TRINE_TRY(indexes_.Drop(id));
  return records_.Erase(id);
}

// Stores every record again with the item id that follows from the binding, and removes the bind mark.
// Idempotent.
Status EmbeddedWriter::StoreItemIds(const CollectionPtr& collection) {
  TRINE_ASSIGN(const WriterPtr writer, WriterOf(collection));
  TRINE_TRY(writer->Restage());
  return catalogue_.FinishBinding(collection->id);
}

// Completes the Binds that a crash or a failing store interrupted.
Status EmbeddedWriter::CompleteBinds() {
  TRINE_ASSIGN(const std::vector<CollectionPtr> unfinished, catalogue_.UnfinishedBindings());
  for (const CollectionPtr& collection : unfinished) {
    if (const Status stored = StoreItemIds(collection); !stored.ok()) {
      log_.Error("some documents of \"" + collection->name +
                 "\" have no item id yet: " + stored.error().ToString());
    }
  }
  for (const CollectionPtr& collection : catalogue_.All()) {
    const std::optional<GroupId> group = HiddenGroup(*collection);
    if (!group || catalogue_.BindingOf(collection->name)) continue;
    if (!catalogue_.BindingOf(*group)) continue;
    if (const Status merged = MergeHidden(collection, *group); !merged.ok()) {
      log_.Error("items of \"" + collection->name + "\" are not merged yet: " + merged.error().ToString());
    }
  }
  return Ok();
}

Status EmbeddedWriter::Bind(Binding binding, const catalogue::RoleDeclarations* declared) {
  const std::lock_guard lock(bind_mutex_);
  const CollectionPtr collection = catalogue_.Get(binding.collection);
  if (collection == nullptr) return NoCollection(binding.collection);
  const GroupId group = binding.group;
  // The group's hidden collection, which exists if items were put before this Bind, or if an earlier Bind
  // failed before it dropped the collection. If the hidden collection is bound, PutBinding removes its
  // binding.
  CollectionPtr hidden = catalogue_.Get(HiddenCollection(group).name);
  if (hidden == collection) hidden = nullptr;
  const bool by_field = !binding.item_id_field.empty();
  TRINE_TRY(catalogue_.PutBinding(std::move(binding), declared));
  if (by_field) TRINE_TRY(StoreItemIds(collection));
  return hidden != nullptr ? MergeHidden(hidden, group) : Ok();
}

// Moves the items of a hidden collection into the collection that the group is now bound to, and drops the
// hidden collection. Keeps attributes that a document already has, so that a second run after a crash changes
// nothing.
Status EmbeddedWriter::MergeHidden(const CollectionPtr& hidden, GroupId group) {
  constexpr size_t kChunk = 500;
  std::vector<ItemWrite> items;
  const auto visit = [&](const catalogue::Record& record) -> Result<bool> {
    Result<format::Json> attributes = format::ParseJson(record.source);
    if (!attributes.ok()) {
      log_.Error("cannot read item \"" + record.id + "\" of \"" + hidden->name +
                 "\"; skipping it: " + attributes.error().ToString());
      return true;
    }
    items.push_back({record.id, std::move(attributes).value()});
    if (items.size() == kChunk) TRINE_TRY(PutItemsInto(group, std::exchange(items, {}), false, true, {}));
    return true;
  };
  TRINE_TRY(records_.ScanLive(hidden->id, visit));
  TRINE_TRY(PutItemsInto(group, std::move(items), false, true, {}));
  const std::optional<Binding> binding = catalogue_.BindingOf(group);
  if (binding && binding->collection == hidden->name) {
    return Error(ErrorCode::kConflict,
                 "the dataset group lost its collection while items were moved into it");
  }
  return DropCollection(hidden->name);
}

}  // namespace

Result<std::unique_ptr<Writer>> NewWriter(catalogue::Catalogue& catalogue, catalogue::RecordStore& records,
                                          index::IndexSet& indexes, const analysis::Analyzers& analyzers,
                                          const WriterOptions& options, const Clock& clock, Log& log,
                                          Metrics& metrics) {
  auto writer =
      std::make_unique<EmbeddedWriter>(catalogue, records, indexes, analyzers, options, clock, log, metrics);
  TRINE_TRY(writer->Open());
  return std::unique_ptr<Writer>(std::move(writer));
}

}  // namespace trine::operations
