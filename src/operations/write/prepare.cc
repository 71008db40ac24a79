#include "operations/write/prepare.h"

#include <algorithm>
#include <utility>

#include "base/document_memory.h"
#include "base/memory_budget.h"
#include "catalogue/metadata_fields.h"
#include "format/strict_json.h"
#include "operations/write/conflict.h"
#include "operations/write/item_view.h"
#include "operations/write/partial_update.h"

namespace trine::operations {
namespace {

using catalogue::Record;
using format::Json;

Result<Json> CheckedObject(Result<Json> parsed) {
  if (!parsed.ok()) return std::move(parsed).error();
  if (!parsed->is_object()) {
    return Error(ErrorCode::kNotAnObject, "a document must be an object")
        .Expected("object")
        .Got(std::string(parsed->type_name()));
  }
  return parsed;
}

// The source of a stored record. It may repeat a key, because earlier versions accepted that.
Result<Json> ParseSource(std::string_view source) { return CheckedObject(format::ParseJson(source)); }

// As ParseSource. The source was an object when it was stored, so anything else is corruption, not the
// caller's mistake.
Result<Json> ParseStored(const Record& record) {
  Result<Json> parsed = ParseSource(record.source);
  if (parsed.ok()) return parsed;
  return Error(ErrorCode::kCorrupt, "cannot read the stored source of the document")
      .Where(record.id)
      .Cause(std::move(parsed).error());
}

// Checks what a client wrote. Stored sources are not checked, because earlier versions accepted these fields.
Status RejectMetadataFields(const Json& source) {
  for (const auto& [name, value] : source.object()) {
    const catalogue::MetadataField* metadata = catalogue::FindMetadataField(name);
    if (metadata == nullptr || metadata->may_be_in_source) continue;
    return Error(ErrorCode::kFieldName, "a metadata field must not be part of a document")
        .Where(name)
        .Detail("metadata", name);
  }
  return Ok();
}

Status MapInto(const PrepareDependencies& deps, const Json& source, PendingWrite* write) {
  if (write->is_stored) {
    TRINE_ASSIGN(write->mapped, deps.mapper.MapStored(write->id, SeqNo{}, source));
  } else {
    TRINE_ASSIGN(write->mapped, deps.mapper.Map(write->id, SeqNo{}, source));
  }
  write->binding = deps.binding;
  write->item_id.clear();
  if (deps.binding && !deps.binding->item_id_field.empty()) {
    write->item_id = ItemView(*deps.mapper.collection(), *deps.binding).StoredItemId(source, write->id);
  }
  return Ok();
}

constexpr size_t kSmallStored = 4096;

size_t Commas(std::string_view text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), ','));
}

// The other writes were counted with MemoryOf.
Status ReserveForStored(const PrepareDependencies& deps, const Record& stored, PendingWrite* write) {
  if (stored.source.size() <= kSmallStored) return Ok();
  write->memory = MemoryHold(deps.memory, MemoryUse::kHandling);
  return write->memory.Add(DocumentMemory(stored.source.size(), Commas(stored.source)));
}

Status PrepareIndex(const PrepareDependencies& deps, PendingWrite* write) {
  write->source = write->op.source;
  write->routing = write->op.routing;
  if (write->is_stored) {
    TRINE_ASSIGN(const Json stored, ParseSource(write->source));
    return MapInto(deps, stored, write);
  }
  TRINE_ASSIGN(const Json source, CheckedObject(format::ParseStrictJson(write->source)));
  TRINE_TRY(RejectMetadataFields(source));
  return MapInto(deps, source, write);
}

Status PrepareUpdate(const PrepareDependencies& deps, PendingWrite* write) {
  const WriteOp& op = write->op;
  TRINE_ASSIGN(std::optional<Record> current, deps.lookup(write->id));
  if (!current) {
    write->based_on.reset();
    const Json& upsert = op.doc_as_upsert ? op.doc : op.upsert;
    if (upsert.is_null()) return MissingDocument(write->id);
    write->source = format::ToString(upsert);
    write->routing = op.routing;
    if (!upsert.is_object()) return Error(ErrorCode::kNotAnObject, "an upsert must be an object");
    TRINE_TRY(RejectMetadataFields(upsert));
    return MapInto(deps, upsert, write);
  }
  TRINE_TRY(ReserveForStored(deps, *current, write));
  write->based_on = current->seq_no;
  write->routing = op.routing.empty() ? current->routing : op.routing;
  TRINE_ASSIGN(Json merged, ParseStored(*current));
  if (!op.doc.is_null() && !op.doc.is_object()) {
    return Error(ErrorCode::kNotAnObject, "a partial document must be an object");
  }
  if (op.doc.is_object()) TRINE_TRY(RejectMetadataFields(op.doc));
  const bool changed = !op.doc.is_null() && MergeChanges(&merged, op.doc);
  if (!changed && (op.detect_noop || op.doc.is_null())) {
    write->noop = true;
    write->source = std::move(current->source);
    return Ok();
  }
  write->source = format::ToString(merged);
  return MapInto(deps, merged, write);
}

// Returns the record of an item. If there is none, sets `write->id` to the id for a new one: the item id, or
// "item-" and the item id if the document of another item has that id.
Result<std::optional<Record>> FindItem(const PrepareDependencies& deps, PendingWrite* write) {
  const catalogue::Binding& binding = *deps.binding;
  const std::string& item_id = write->item.id;
  const CollectionId collection = deps.mapper.collection()->id;
  write->id = item_id;
  if (binding.item_id_field.empty()) return deps.lookup(write->id);
  TRINE_ASSIGN(std::optional<Record> stored, deps.records.GetItem(binding, collection, item_id));
  if (stored) {
    write->id = stored->id;
    return deps.lookup(write->id);
  }
  const catalogue::AttributeReader reader(binding);
  for (int attempt = 0; attempt < 2; ++attempt) {
    TRINE_ASSIGN(std::optional<Record> there, deps.lookup(write->id));
    if (!there) return std::optional<Record>();
    TRINE_ASSIGN(const Json source, ParseStored(*there));
    if (reader.ItemId(source, there->id) == item_id) return there;
    write->id = "item-" + item_id;
  }
  return Error(ErrorCode::kConflict, "item \"" + item_id + "\" cannot be stored: the document ids \"" +
                                         item_id + "\" and \"" + write->id + "\" both belong to other items");
}

Status PrepareItem(const PrepareDependencies& deps, PendingWrite* write) {
  if (!deps.binding) {
    return Error(ErrorCode::kConflict, "the dataset group is no longer bound to this collection");
  }
  if (!write->item.attributes.is_object()) {
    return Error(ErrorCode::kNotAnObject, "the attributes of an item must be an object");
  }
  TRINE_ASSIGN(std::optional<Record> current, FindItem(deps, write));
  TRINE_TRY(CheckId(write->id));
  Json now;
  write->based_on.reset();
  if (current) {
    TRINE_TRY(ReserveForStored(deps, *current, write));
    write->based_on = current->seq_no;
    write->routing = current->routing;
    TRINE_ASSIGN(now, ParseStored(*current));
  }
  write->put_individually = deps.mapper.collection()->hidden && !write->replace && !write->fill_missing;
  const ItemView view(*deps.mapper.collection(), *deps.binding);
  const Json merged =
      write->fill_missing ? view.Fill(now, write->item) : view.Merge(now, write->item, write->replace);
  if (current && merged == now && (current->put_individually || !write->put_individually)) {
    write->noop = true;
    write->source = std::move(current->source);
    return Ok();
  }
  write->source = format::ToString(merged);
  return MapInto(deps, merged, write);
}

Status PrepareOne(const PrepareDependencies& deps, PendingWrite* write) {
  switch (write->kind) {
    case PendingWrite::Kind::kIndex:
    case PendingWrite::Kind::kCreate:
      return PrepareIndex(deps, write);
    case PendingWrite::Kind::kUpdate:
      return PrepareUpdate(deps, write);
    case PendingWrite::Kind::kItem:
      return PrepareItem(deps, write);
    case PendingWrite::Kind::kDelete:
      return Ok();
  }
  return Ok();
}

}  // namespace

size_t MemoryOf(const WriteOp& op) {
  return op.kind == WriteOp::Kind::kUpdate ? MemoryOfItem()
                                           : DocumentMemory(op.source.size(), Commas(op.source));
}

size_t MemoryOfItem() { return DocumentMemory(kSmallStored, 0); }

void Prepare(const PrepareDependencies& deps, PendingWrite* write) {
  write->mapped.reset();
  write->noop = false;
  write->prepared = true;
  write->error.reset();
  Status prepared = CatchBadAlloc([&] { return PrepareOne(deps, write); });
  if (!prepared.ok()) write->error = std::move(prepared).error();
}

void Remap(const DocumentMapper& mapper, PendingWrite* write) {
  Result<Json> source = ParseSource(write->source);
  if (!source.ok()) {
    write->error = std::move(source).error();
    return;
  }
  Result<MappedDocument> mapped = mapper.Map(write->id, SeqNo{}, *source);
  write->mapped.reset();
  if (mapped.ok()) {
    write->mapped = std::move(mapped).value();
  } else {
    write->error = std::move(mapped).error();
  }
}

}  // namespace trine::operations
