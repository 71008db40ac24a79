// One document at a time: index, create, get, delete, update; and several by id.
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/json/write_json.h"
#include "api/opensearch/request/body_reader.h"
#include "api/opensearch/request/path_filter.h"
#include "base/check.h"
#include "base/limits.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using operations::WriteOp;
using operations::WriteOutcome;

constexpr size_t kMaxGets = 10'000;  // documents per _mget

Result<WriteOptions> OptionsOf(const Call& call) {
  WriteOptions options;
  TRINE_ASSIGN(options.if_seq_no, call.Int("if_seq_no"));
  TRINE_ASSIGN(options.if_primary_term, call.Int("if_primary_term"));
  TRINE_ASSIGN(options.version, call.Int("version"));
  options.version_type = call.Text("version_type", "internal");
  return options;
}

// Runs one write and returns its answer, or its error.
Result<Answer> Run(Services& services, const Call& call, WriteOp op,
                   const std::optional<SourceFilter>& source) {
  TRINE_ASSIGN(const operations::RefreshPolicy refresh, RefreshOf(call));
  if (const std::string pipeline = call.Text("pipeline", "_none"); pipeline != "_none")
    return IllegalArgument("pipeline with id [" + pipeline + "] does not exist");
  op.collection = call.Variable("index");
  op.routing = call.Text("routing");
  op.wants_source = source.has_value();
  TRINE_ASSIGN(op.require_alias, call.Flag("require_alias", false));
  TRINE_TRY(CheckMayWrite(services, call.request().caller, op));
  std::vector<WriteOp> ops;
  ops.push_back(std::move(op));
  const std::vector<WriteOutcome> outcomes = services.deps.writer.Write(std::move(ops), refresh);
  TRINE_CHECK_EQ(outcomes.size(), 1u);
  const WriteOutcome& outcome = outcomes.front();
  if (outcome.error) {
    const WireError wire = OutcomeError(services.deps.catalogue, outcome);
    return JsonAnswer(ErrorBody(wire), wire.status);
  }
  Json body = OutcomeJson(outcome);
  if (source) body.Set("get", UpdatedDocument(outcome, *source));
  Answer answer = JsonAnswer(body, StatusOf(outcome));
  answer.wait = WaitForRefresh(services, call, refresh, outcomes);
  return answer;
}

Result<Answer> Put(Services& services, const Call& call, WriteOp::Kind kind) {
  WriteOp op;
  op.kind = kind;
  op.id = call.Variable("id");
  TRINE_ASSIGN(const WriteOptions options, OptionsOf(call));
  TRINE_TRY(ApplyOptions(options, &op));
  if (!call.HasBody()) return Error(ErrorCode::kDefinitionSyntax, "request body is required");
  op.source = std::string(call.BodyText());
  return Run(services, call, std::move(op), std::nullopt);
}

// The answer for a document that exists.
std::string FoundJson(const std::string& index, const catalogue::Record& record, const SourceFilter& filter) {
  std::string out;
  format::JsonWriter w(&out, {false, format::NumberStyle::kJava});
  w.BeginObject().Key("_index").String(index).Key("_id").String(record.id);
  w.Key("_version").Uint(record.version).Key("_seq_no").Uint(record.seq_no.value);
  w.Key("_primary_term").Uint(record.primary_term);
  if (!record.routing.empty()) w.Key("_routing").String(record.routing);
  w.Key("found").Bool(true);
  if (filter.KeepsAll()) {
    w.Key("_source").Raw(record.source);
  } else if (filter.fetch) {
    if (const auto source = format::ParseJson(record.source); source.ok())
      w.Key("_source").Value(filter.Apply(*source));
  }
  w.EndObject();
  return out;
}

std::string MissingJson(const std::string& index, const std::string& id) {
  Json body;
  body.Set("_index", index);
  body.Set("_id", id);
  body.Set("found", false);
  return format::ToString(body);
}

struct GetResult {
  catalogue::CollectionPtr collection;
  std::optional<catalogue::Record> record;
};

Status CheckGetParameters(const Call& call) {
  TRINE_ASSIGN(const bool realtime, call.Flag("realtime", true));
  if (!realtime) return NotSupported("[realtime=false]");
  const std::string stored = call.Text("stored_fields", "_none_");  // a client's way to ask for no field
  if (!stored.empty() && stored != "_none_") return NotSupported("[stored_fields]");
  return Ok();
}

Result<GetResult> ReadDocument(Services& services, const Call& call) {
  TRINE_TRY(CheckGetParameters(call));
  GetResult get;
  TRINE_ASSIGN(get.collection, ResolveOneIndex(services, call));
  TRINE_CHECK(get.collection != nullptr);
  TRINE_ASSIGN(get.record, services.deps.records.Get(get.collection->id, call.Variable("id")));
  TRINE_ASSIGN(const auto version, call.Int("version"));
  if (get.record && version && static_cast<uint64_t>(*version) != get.record->version) {
    return Error(ErrorCode::kVersionConflict, "the document does not have the requested version")
        .Where(get.record->id)
        .Detail("version", std::to_string(get.record->version))
        .Detail("provided", std::to_string(*version))
        .Detail("relation", "different");
  }
  return get;
}

// The answer to a read of a single document whose index does not exist. The resource type in it differs from
// that in the answers to other requests.
Answer MissingIndexAnswer(const Error& error) {
  ErrorContext about;
  about.resource_type = "index_expression";
  const WireError wire = ToWire(error, about);
  return JsonAnswer(ErrorBody(wire), wire.status);
}

// One entry of _mget.
struct MultiGetItem {
  std::string index, id;
  SourceFilter filter;
  bool has_id = true;
};

Result<MultiGetItem> ParseMultiGetItem(const Json& doc, const Call& call, const SourceFilter& otherwise) {
  MultiGetItem wanted{call.Variable("index"), "", otherwise, true};
  if (!doc.is_object())
    return ParsingError("unexpected token [" + std::string(doc.type_name()) + "], expected [START_OBJECT]",
                        "docs");
  BodyReader r(doc, "mget", "docs");
  wanted.index = r.Text("_index", wanted.index);
  const Json* id = r.Raw("_id");
  wanted.has_id = id != nullptr && !id->is_null();
  if (wanted.has_id) wanted.id = r.Text("_id");
  if (const Json* source = r.Raw("_source"); source != nullptr && !source->is_null()) {
    if (*source == Json("true") || *source == Json("false")) {  // here, unlike in a search, no field names
      wanted.filter = SourceFilter();
      wanted.filter.fetch = *source == Json("true");
    } else {
      TRINE_ASSIGN(wanted.filter, ParseSourceFilter(*source, "_source"));
    }
  }
  for (const char* idle : {"routing", "_routing"}) r.Ignore(idle);
  // Some clients always send these, with the values for "none".
  constexpr std::pair<const char*, std::string_view> kUnbuilt[] = {
      {"stored_fields", "_none_"}, {"version", "-3"}, {"version_type", "internal"}};
  for (const auto& [name, none] : kUnbuilt) {
    const Json* value = r.Raw(name);
    if (value != nullptr && !value->is_null() && ScalarText(*value) != none)
      return NotSupported("[" + std::string(name) + "] in [docs]");
  }
  TRINE_TRY(r.Done());
  return wanted;
}

Result<std::vector<MultiGetItem>> ParseMultiGet(const Json& body, const Call& call,
                                                const SourceFilter& filter) {
  TRINE_DCHECK(body.is_object());
  std::vector<MultiGetItem> all;
  const Json *docs = body.Find("docs"), *ids = body.Find("ids");
  for (const auto& [key, value] : body.object()) {
    if (key != "docs" && key != "ids")
      return ParsingError(
          "unknown key [" + key + "] for a " + std::string(value.type_name()) + ", expected [docs] or [ids]",
          key);
    if (!value.is_array()) return ParsingError("[" + key + "] must be an array", key);
    if (value.array().size() > kMaxGets)
      return Error(ErrorCode::kLimit, "too many documents in one request").Expected(std::to_string(kMaxGets));
  }
  if (docs != nullptr) {
    for (const Json& doc : docs->array()) {
      TRINE_ASSIGN(MultiGetItem wanted, ParseMultiGetItem(doc, call, filter));
      all.push_back(std::move(wanted));
    }
  }
  if (ids != nullptr) {
    for (const Json& id : ids->array()) {
      if (id.is_array() || id.is_object() || id.is_null())
        return IllegalArgument("ids array element should only contain ids");
      all.push_back({call.Variable("index"), ScalarText(id), filter, true});
    }
  }
  if (all.empty()) return RequestValidation("no documents to get");
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].index.empty()) return RequestValidation("index is missing for doc " + std::to_string(i));
    if (!all[i].has_id) return RequestValidation("id is missing for doc " + std::to_string(i));
  }
  return all;
}

// The entry of a document that cannot be returned, with the reason.
std::string MultiGetError(const MultiGetItem& wanted, const std::string& index, const Error& why) {
  ErrorContext about;
  about.resource_type = "index_expression";
  const Json error = ErrorBody(ToWire(why, about));
  Json entry;
  entry.Set("_index", index);
  entry.Set("_id", wanted.id);
  entry.Set("error", *error.Find("error"));
  return format::ToString(entry);
}

// A document whose record is damaged has an entry with the error, so that the others are returned.
Result<std::string> ReadMultiGetItem(Services& services, const MultiGetItem& wanted) {
  const auto collection = services.deps.catalogue.ResolveOne(wanted.index);
  if (!collection.ok()) return MultiGetError(wanted, wanted.index, collection.error());
  const std::string& name = (*collection)->name;
  if (wanted.id.empty()) return MultiGetError(wanted, wanted.index, IllegalArgument("Ids can't be empty"));
  const auto record = services.deps.records.Get((*collection)->id, wanted.id);
  if (!record.ok()) {
    if (record.error().kind() != ErrorKind::kCorrupt) return record.error();
    return MultiGetError(wanted, name, record.error());
  }
  if (!*record) return MissingJson(name, wanted.id);
  return FoundJson(name, **record, wanted.filter);
}

}  // namespace

Result<Answer> IndexDocument(Services& services, const Call& call) {
  const std::string type = call.Text("op_type", "index");
  if (type != "index" && type != "create")
    return IllegalArgument("opType must be 'create' or 'index', found: [" + type + "]");
  return Put(services, call, type == "create" ? WriteOp::Kind::kCreate : WriteOp::Kind::kIndex);
}

Result<Answer> CreateDocument(Services& services, const Call& call) {
  const std::string type = call.Text("op_type", "create");
  if (type != "create") return IllegalArgument("opType must be 'create', found: [" + type + "]");
  return Put(services, call, WriteOp::Kind::kCreate);
}

Result<Answer> GetDocument(Services& services, const Call& call) {
  TRINE_ASSIGN(auto filter, SourceParameters(call));
  if (!filter && call.Parameter("stored_fields") != nullptr) {  // stored fields replace the source
    filter.emplace();
    filter->fetch = false;
  }
  const auto get = ReadDocument(services, call);
  if (!get.ok()) return MissingIndexAnswer(get.error());
  Answer answer;
  if (get->record) {
    answer.body = FoundJson(get->collection->name, *get->record, filter.value_or(SourceFilter{}));
  } else {
    answer.status = 404;
    answer.body = MissingJson(get->collection->name, call.Variable("id"));
  }
  return answer;
}

Result<Answer> GetSource(Services& services, const Call& call) {
  TRINE_ASSIGN(const auto filter, SourceParameters(call));
  const auto get = ReadDocument(services, call);
  if (!get.ok()) return MissingIndexAnswer(get.error());
  if (!get->record)
    return Error(ErrorCode::kNotFound,
                 "Document not found [" + get->collection->name + "]/[" + call.Variable("id") + "]");
  if (filter && !filter->fetch) return RequestValidation("fetching source can not be disabled");
  Answer answer;
  answer.body = get->record->source;
  if (filter && !filter->KeepsAll()) {
    const Result<Json> source = format::ParseJson(get->record->source);
    if (!source.ok()) {
      return Error(ErrorCode::kCorrupt, "cannot read the stored source of the document")
          .Where(get->record->id)
          .Cause(source.error());
    }
    answer = JsonAnswer(filter->Apply(*source));
  }
  return answer;
}

Result<Answer> DeleteDocument(Services& services, const Call& call) {
  WriteOp op;
  op.kind = WriteOp::Kind::kDelete;
  op.id = call.Variable("id");
  TRINE_ASSIGN(const WriteOptions options, OptionsOf(call));
  TRINE_TRY(ApplyOptions(options, &op));
  return Run(services, call, std::move(op), std::nullopt);
}

Result<Answer> UpdateDocument(Services& services, const Call& call) {
  WriteOp op;
  op.kind = WriteOp::Kind::kUpdate;
  op.id = call.Variable("id");
  TRINE_ASSIGN(const WriteOptions options, OptionsOf(call));
  TRINE_TRY(ApplyOptions(options, &op));
  TRINE_ASSIGN(const auto retries, call.Int("retry_on_conflict"));
  op.retry_on_conflict = static_cast<int>(std::clamp<int64_t>(retries.value_or(0), 0, 100));
  TRINE_ASSIGN(std::optional<SourceFilter> source, SourceParameters(call));
  if (source && !source->fetch) source.reset();
  TRINE_ASSIGN(op.doc_as_upsert, call.Flag("doc_as_upsert", false));
  TRINE_ASSIGN(const Json body, call.RequiredBody());
  TRINE_TRY(ApplyUpdateBody(body, &op, &source));
  return Run(services, call, std::move(op), source);
}

Result<Answer> MultiGet(Services& services, const Call& call) {
  TRINE_TRY(CheckGetParameters(call));
  TRINE_ASSIGN(const Json body, call.RequiredBody());
  TRINE_ASSIGN(const auto filter, SourceParameters(call));
  TRINE_ASSIGN(const auto wanted, ParseMultiGet(body, call, filter.value_or(SourceFilter{})));
  Answer answer;
  answer.body = R"({"docs":[)";
  catalogue::AnswerRoom room(services.deps.memory);
  TRINE_DCHECK_GT(wanted.size(), 0u);
  for (size_t i = 0; i < wanted.size(); ++i) {
    TRINE_TRY(call.deadline().Check("reading documents"));
    TRINE_ASSIGN(const std::string one, ReadMultiGetItem(services, wanted[i]));
    TRINE_TRY(room.Take(one.size() + 1));
    answer.body += i == 0 ? "" : ",";
    answer.body += one;
  }
  answer.body += "]}";
  return answer;
}

}  // namespace trine::api::opensearch
