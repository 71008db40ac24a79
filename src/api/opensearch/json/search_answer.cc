#include "api/opensearch/json/search_answer.h"

#include <cmath>
#include <utility>

#include "api/opensearch/json/ledger_json.h"
#include "base/check.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using format::JsonWriter;

void WriteExplanation(const search::Explanation& explanation, JsonWriter* w) {
  w->BeginObject().Key("value");
  // OpenSearch prints counts of documents as whole numbers.
  if (explanation.is_count && explanation.value < 1e9F)
    w->Int(static_cast<int64_t>(explanation.value));
  else
    w->Float(explanation.value);
  w->Key("description").String(explanation.description).Key("details").BeginArray();
  for (const search::Explanation& detail : explanation.details) WriteExplanation(detail, w);
  w->EndArray().EndObject();
}

void WriteSource(const catalogue::Record& record, const SourceFilter& filter, JsonWriter* w) {
  if (!filter.fetch) return;
  if (filter.KeepsAll()) {
    w->Key("_source").Raw(record.source);
    return;
  }
  if (const auto source = format::ParseJson(record.source); source.ok())
    w->Key("_source").Value(filter.Apply(*source));
}

void WriteHit(const formation::RankedHit& found, const ParsedSearch& ask, const AnswerFrame& frame,
              JsonWriter* w) {
  TRINE_CHECK(found.collection != nullptr);
  const search::Hit& hit = found.hit;
  const std::string& index = found.collection->name;
  w->BeginObject();
  if (ask.request.explain) w->Key("_shard").String("[" + index + "][0]").Key("_node").String(frame.node);
  w->Key("_index").String(index).Key("_id").String(hit.id);
  if (ask.version) w->Key("_version").Uint(found.record ? found.record->version : 1);
  if (ask.seq_no) {
    w->Key("_seq_no").Uint(hit.seq_no.value);
    w->Key("_primary_term").Uint(found.record ? found.record->primary_term : 1);
  }
  w->Key("_score").Float(hit.score);
  if (found.record && !found.record->routing.empty()) w->Key("_routing").String(found.record->routing);
  if (found.record) WriteSource(*found.record, ask.source, w);
  if (!hit.sort.empty()) {
    w->Key("sort").BeginArray();
    for (const search::SortValue& value : hit.sort) w->Value(value);
    w->EndArray();
  }
  if (!hit.matched_queries.empty()) {
    w->Key("matched_queries").BeginArray();
    for (const std::string& name : hit.matched_queries) w->String(name);
    w->EndArray();
  }
  if (hit.explanation) {
    w->Key("_explanation");
    WriteExplanation(*hit.explanation, w);
  }
  if (ask.ledger) w->Key("ledger").Value(PrintLedger(found.ledger, frame.rerank_weight));
  w->EndObject();
}

void WriteHits(const formation::SearchAnswer& answer, const ParsedSearch& ask, const AnswerFrame& frame,
               JsonWriter* w) {
  w->BeginObject();
  if (ask.show_total && ask.total_as_int) {
    w->Key("total").Uint(answer.total);
  } else if (ask.show_total) {
    w->Key("total").BeginObject().Key("value").Uint(answer.total);
    w->Key("relation").String(answer.total_is_lower_bound ? "gte" : "eq").EndObject();
  }
  w->Key("max_score");
  if (answer.max_score)
    w->Float(*answer.max_score);
  else
    w->Null();
  w->Key("hits").BeginArray();
  for (const formation::RankedHit& hit : answer.hits) WriteHit(hit, ask, frame, w);
  w->EndArray().EndObject();
}

// The size of the body, or a little more, unless sources are filtered or hits explained. Growing in steps
// would hold the body twice.
size_t ExpectedBytes(const formation::SearchAnswer& answer) {
  constexpr size_t kFrameBytes = 512, kHitBytes = 128, kValueBytes = 32;
  size_t bytes = kFrameBytes;
  for (const formation::RankedHit& hit : answer.hits) {
    bytes += kHitBytes + hit.hit.id.size() + hit.collection->name.size() + kValueBytes * hit.hit.sort.size();
    if (hit.record) bytes += hit.record->source.size() + hit.record->routing.size();
  }
  return bytes;
}

}  // namespace

Json ShardsWithFailures(size_t shards, const std::vector<formation::PartFailure>& failures,
                        const std::string& node) {
  TRINE_CHECK_LE(failures.size(), shards);
  Json out, list(Json::Array{});
  out.Set("total", static_cast<uint64_t>(shards));
  out.Set("successful", static_cast<uint64_t>(shards - failures.size()));
  out.Set("skipped", 0);
  out.Set("failed", static_cast<uint64_t>(failures.size()));
  for (const formation::PartFailure& failure : failures) {
    Json reason, one;
    reason.Set("type", "corrupt_index_exception");
    reason.Set("reason", failure.what);
    one.Set("shard", 0);
    one.Set("index", failure.collection->name);
    one.Set("node", node);
    one.Set("reason", std::move(reason));
    list.Push(std::move(one));
  }
  if (!failures.empty()) out.Set("failures", std::move(list));
  return out;
}

std::string PrintSearch(const formation::SearchAnswer& answer, const ParsedSearch& ask,
                        const AnswerFrame& frame) {
  std::string out;
  if (ask.source.fetch && ask.source.KeepsAll()) out.reserve(ExpectedBytes(answer));
  JsonWriter w(&out, {false, format::NumberStyle::kJava});
  w.BeginObject();
  if (!frame.scroll_id.empty()) w.Key("_scroll_id").String(frame.scroll_id);
  w.Key("took").Int(frame.took_ms).Key("timed_out").Bool(answer.timed_out);
  if (answer.terminated_early) w.Key("terminated_early").Bool(true);
  w.Key("_shards").Value(ShardsWithFailures(frame.shards, answer.failures, frame.node)).Key("hits");
  WriteHits(answer, ask, frame, &w);
  if (ask.ledger && !answer.notes.empty()) {
    w.Key("notes").BeginArray();
    for (const std::string& note : answer.notes) w.String(note);
    w.EndArray();
  }
  w.EndObject();
  return out;
}

Json PrintExplanation(const search::Explanation& explanation) {
  std::string text;
  JsonWriter w(&text, {false, format::NumberStyle::kJava});
  WriteExplanation(explanation, &w);
  auto parsed = format::ParseJson(text, {512, limits::kMaxBodyBytes});
  return parsed.ok() ? std::move(*parsed) : Json();
}

}  // namespace trine::api::opensearch
