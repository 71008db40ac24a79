// _bulk: many writes in one request, each with its own outcome.
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/json/bulk_body.h"
#include "api/opensearch/json/write_json.h"
#include "base/check.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using operations::WriteOutcome;

Json ErrorItem(const WriteOutcome& outcome, const WireError& wire) {
  TRINE_DCHECK_GE(wire.status, 400);
  Json item;
  item.Set("_index", outcome.collection);
  item.Set("_id", outcome.id.empty() ? Json() : Json(outcome.id));
  item.Set("status", wire.status);
  item.Set("error", ErrorMember(wire));
  return item;
}

Json Item(const Services& services, const BulkItem& item, const WriteOutcome& outcome, bool* errors) {
  if (outcome.error) {
    *errors = true;
    return ErrorItem(outcome, OutcomeError(services.deps.catalogue, outcome));
  }
  Json json = OutcomeJson(outcome);
  if (item.source) json.Set("get", UpdatedDocument(outcome, *item.source));
  json.Set("status", StatusOf(outcome));
  return json;
}

// Runs the items that were not rejected. Outcomes are in the order of the items.
std::vector<WriteOutcome> Run(Services& services, const Call& call, std::vector<BulkItem>* items,
                              operations::RefreshPolicy refresh) {
  std::vector<operations::WriteOp> ops;
  std::vector<size_t> places;
  std::vector<WriteOutcome> outcomes(items->size());
  for (size_t i = 0; i < items->size(); ++i) {
    BulkItem& item = (*items)[i];
    if (!item.refused) {
      if (Status may = CheckMayWrite(services, call.request().caller, item.op); !may.ok())
        item.refused = may.error();
    }
    if (item.refused) {
      outcomes[i].collection = item.op.collection;
      outcomes[i].id = item.op.id;
      outcomes[i].error = item.refused;
      continue;
    }
    places.push_back(i);
    const auto kind = item.op.kind;
    item.op.wants_source = item.source.has_value();
    ops.push_back(std::move(item.op));
    item.op.kind = kind;
  }
  std::vector<WriteOutcome> done = services.deps.writer.Write(std::move(ops), refresh);
  TRINE_CHECK_EQ(done.size(), places.size());
  for (size_t i = 0; i < done.size(); ++i) outcomes[places[i]] = std::move(done[i]);
  return outcomes;
}

}  // namespace

Result<Answer> Bulk(Services& services, const Call& call) {
  const int64_t start = services.deps.clock.MonotonicNanos();
  TRINE_ASSIGN(const operations::RefreshPolicy refresh, RefreshOf(call));
  BulkDefaults defaults;
  defaults.index = call.Variable("index");
  defaults.routing = call.Text("routing");
  defaults.pipeline = call.Text("pipeline");
  TRINE_ASSIGN(defaults.require_alias, call.Flag("require_alias", false));
  TRINE_ASSIGN(defaults.source, SourceParameters(call));
  if (defaults.source && !defaults.source->fetch) defaults.source.reset();
  TRINE_ASSIGN(std::vector<BulkItem> items, ParseBulk(call.BodyText(), defaults));
  const auto outcomes = Run(services, call, &items, refresh);

  TRINE_CHECK_EQ(outcomes.size(), items.size());
  bool errors = false;
  std::string list;
  format::JsonWriter w(&list, {false, format::NumberStyle::kJava});
  w.BeginArray();
  for (size_t i = 0; i < items.size(); ++i) {
    w.BeginObject().Key(ActionName(items[i].op.kind));
    w.Value(Item(services, items[i], outcomes[i], &errors));
    w.EndObject();
  }
  w.EndArray();
  Answer answer;
  format::JsonWriter body(&answer.body);
  body.BeginObject();
  body.Key("took").Int((services.deps.clock.MonotonicNanos() - start) / 1'000'000);
  body.Key("errors").Bool(errors).Key("items").Raw(list);
  body.EndObject();
  answer.wait = WaitForRefresh(services, call, refresh, outcomes);
  return answer;
}

}  // namespace trine::api::opensearch
