#include "operations/prepare.h"

#include <utility>

#include "operations/conflict.h"
#include "operations/item_view.h"
#include "operations/partial_update.h"

namespace trine::operations {
namespace {

using catalogue::Record;
using format::Json;

Result<Json> ParseSource(std::string_view source) {
  Result<Json> parsed = format::ParseJson(source);
  if (!parsed.ok()) return std::move(parsed).error();
  if (!parsed->is_object()) {
    return Error(ErrorCode::kNotAnObject, "a document must be an object")
        .Expected("object")
        .Got(std::string(parsed->type_name()));
  }
  return parsed;
}

Status MapInto(const PrepareParts& parts, const Json& source, Intent* intent) {
  TRINE_ASSIGN(intent->mapped, parts.mapper.Map(intent->id, SeqNo{}, source));
  intent->binding = parts.binding;
  intent->item_id.clear();
  if (parts.binding && !parts.binding->item_id_field.empty()) {
    intent->item_id = ItemView(*parts.mapper.collection(), *parts.binding).StoredItemId(source, intent->id);
  }
  return Ok();
}

Status PrepareIndex(const PrepareParts& parts, Intent* intent) {
  intent->source = intent->op.source;
  intent->routing = intent->op.routing;
  TRINE_ASSIGN(const Json source, ParseSource(intent->source));
  return MapInto(parts, source, intent);
}

Status PrepareUpdate(const PrepareParts& parts, Intent* intent) {
  const WriteOp& op = intent->op;
  TRINE_ASSIGN(std::optional<Record> current, parts.lookup(intent->id));
  if (!current) {
    intent->based_on.reset();
    const Json& upsert = op.doc_as_upsert ? op.doc : op.upsert;
    if (upsert.is_null()) return MissingDocument(intent->id);
    intent->source = format::ToString(upsert);
    intent->routing = op.routing;
    if (!upsert.is_object()) return Error(ErrorCode::kNotAnObject, "an upsert must be an object");
    return MapInto(parts, upsert, intent);
  }
  intent->based_on = current->seq_no;
  intent->routing = op.routing.empty() ? current->routing : op.routing;
  TRINE_ASSIGN(Json merged, ParseSource(current->source));
  if (!op.doc.is_null() && !op.doc.is_object()) {
    return Error(ErrorCode::kNotAnObject, "a partial document must be an object");
  }
  const bool changed = !op.doc.is_null() && MergeChanges(&merged, op.doc);
  if (!changed && (op.detect_noop || op.doc.is_null())) {
    intent->noop = true;
    intent->source = std::move(current->source);
    return Ok();
  }
  intent->source = format::ToString(merged);
  return MapInto(parts, merged, intent);
}

// The record that holds an item, or where a new one goes: the item's own id unless a document that
// is another item has it.
Result<std::optional<Record>> FindItem(const PrepareParts& parts, Intent* intent) {
  const catalogue::Binding& binding = *parts.binding;
  const std::string& item_id = intent->item.id;
  const CollectionId collection = parts.mapper.collection()->id;
  intent->id = item_id;
  if (binding.item_id_field.empty()) return parts.lookup(intent->id);
  TRINE_ASSIGN(std::optional<Record> stored, parts.records.GetItem(binding, collection, item_id));
  if (stored) {
    intent->id = stored->id;
    return parts.lookup(intent->id);
  }
  const catalogue::AttributeReader reader(binding);
  for (int attempt = 0; attempt < 2; ++attempt) {
    TRINE_ASSIGN(std::optional<Record> there, parts.lookup(intent->id));
    if (!there) return std::optional<Record>();
    TRINE_ASSIGN(const Json source, ParseSource(there->source));
    if (reader.ItemId(source, there->id) == item_id) return there;
    intent->id = "item-" + item_id;
  }
  return Error(ErrorCode::kConflict, "item [" + item_id +
                                         "] cannot be stored: documents of other items have both [" +
                                         item_id + "] and [" + intent->id + "] as their ids");
}

Status PrepareItem(const PrepareParts& parts, Intent* intent) {
  if (!parts.binding) {
    return Error(ErrorCode::kConflict, "the dataset group is no longer bound to this collection");
  }
  if (!intent->item.attributes.is_object()) {
    return Error(ErrorCode::kNotAnObject, "attributes of an item must be an object");
  }
  TRINE_ASSIGN(std::optional<Record> current, FindItem(parts, intent));
  TRINE_TRY(CheckId(intent->id));
  Json now;
  intent->based_on.reset();
  if (current) {
    intent->based_on = current->seq_no;
    intent->routing = current->routing;
    TRINE_ASSIGN(now, ParseSource(current->source));
  }
  intent->single = parts.mapper.collection()->hidden && !intent->replace && !intent->fill;
  const ItemView view(*parts.mapper.collection(), *parts.binding);
  const Json merged = intent->fill
                          ? view.Fill(now, intent->item.id, intent->item.attributes)
                          : view.Merge(now, intent->item.id, intent->item.attributes, intent->replace);
  if (current && merged == now && (current->single || !intent->single)) {
    intent->noop = true;
    intent->source = std::move(current->source);
    return Ok();
  }
  intent->source = format::ToString(merged);
  return MapInto(parts, merged, intent);
}

Status PrepareOne(const PrepareParts& parts, Intent* intent) {
  switch (intent->kind) {
    case Intent::Kind::kIndex:
    case Intent::Kind::kCreate:
      return PrepareIndex(parts, intent);
    case Intent::Kind::kUpdate:
      return PrepareUpdate(parts, intent);
    case Intent::Kind::kItem:
      return PrepareItem(parts, intent);
    case Intent::Kind::kDelete:
      return Ok();
  }
  return Ok();
}

}  // namespace

void Prepare(const PrepareParts& parts, Intent* intent) {
  intent->mapped.reset();
  intent->noop = false;
  intent->prepared = true;
  intent->error.reset();
  Status prepared = PrepareOne(parts, intent);
  if (!prepared.ok()) intent->error = std::move(prepared).error();
}

void Remap(const DocumentMapper& mapper, Intent* intent) {
  Result<Json> source = ParseSource(intent->source);
  if (!source.ok()) {
    intent->error = std::move(source).error();
    return;
  }
  Result<MappedDocument> mapped = mapper.Map(intent->id, SeqNo{}, *source);
  intent->mapped.reset();
  if (mapped.ok()) {
    intent->mapped = std::move(mapped).value();
  } else {
    intent->error = std::move(mapped).error();
  }
}

}  // namespace trine::operations
