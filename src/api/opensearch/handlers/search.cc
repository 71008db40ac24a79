// Searching: _search, scrolls, _count, _explain, _validate/query.
#include <algorithm>
#include <cmath>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/json/query_parser.h"
#include "api/opensearch/json/search_answer.h"
#include "api/opensearch/json/search_body.h"
#include "api/opensearch/request/body_reader.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "search/query/check.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

constexpr int64_t kMaxKeepAliveMillis = 86'400'000;  // OpenSearch's search.max_keep_alive

int64_t MillisSince(const Clock& clock, int64_t start) {
  return (clock.MonotonicNanos() - start) / 1'000'000;
}

// Whether OpenSearch detects this error before it queries any shard, and reports it as a request error.
bool IsRequestLevelError(const Error& error) {
  return error.code == ErrorCode::kUnknownPipeline || error.code == ErrorCode::kMissingUserId ||
         error.code == ErrorCode::kMissingItemIds || error.code == ErrorCode::kAnswerTooLarge ||
         (error.kind() != ErrorKind::kInvalid && error.kind() != ErrorKind::kLimit);
}

// Whether the error is in the scroll parameters. Such errors are detected before the search.
bool IsParameterError(const Error& error) {
  return error.code == ErrorCode::kIllegalArgument || error.code == ErrorCode::kRequestValidation;
}

// The answer to a search that fails in the request, in a shard or in the combining phase.
Answer SearchError(const Services& services, const Error& error, const Collections& collections) {
  WireError wire = ToWire(error);
  if (IsRequestLevelError(error)) return JsonAnswer(ErrorBody(wire), wire.status);
  if (error.code == ErrorCode::kFusionPage || error.code == ErrorCode::kFusion) {
    wire.type = "illegal_argument_exception";
    return JsonAnswer(PhaseFailureBody(wire), wire.status);
  }
  if (error.code == ErrorCode::kUnsortableField) {  // values of the field's type have no order
    wire.type = "illegal_argument_exception";
  } else if (error.code == ErrorCode::kPaginationDepth) {
    wire.type = "query_shard_exception";
    wire.reason = "failed to create query: " + error.message;
  } else if (wire.type == "query_shard_exception" && error.code != ErrorCode::kUnmappedSortField) {
    wire.reason = "failed to create query: " + wire.reason;
  }
  const catalogue::Collection* first = collections.empty() ? nullptr : collections.front().get();
  return JsonAnswer(ShardFailureBody(wire, first, services.deps.node_name), wire.status);
}

// The answer to a search with allow_partial_search_results=false of which something is missing.
Answer PartialFailure(const std::vector<formation::PartFailure>& failures, size_t shards,
                      const std::string& node) {
  const Json listed = ShardsWithFailures(shards, failures, node);
  const Json* failed = listed.Find("failures");
  TRINE_CHECK(failed != nullptr);
  Json error, body, causes(Json::Array{});
  for (const Json& shard : failed->array()) causes.Push(*shard.Find("reason"));
  error.Set("root_cause", std::move(causes));
  error.Set("type", "search_phase_execution_exception");
  error.Set("reason", failures.size() == shards ? "all shards failed" : "Partial shards failure");
  error.Set("phase", "fetch");
  error.Set("grouped", true);
  error.Set("failed_shards", *failed);
  body.Set("error", std::move(error));
  body.Set("status", 503);
  return JsonAnswer(body, 503);
}

// Whether OpenSearch detects this parser error on a shard.
bool IsShardLevelError(const Error& error) {
  return error.code == ErrorCode::kNestedHybrid || error.code == ErrorCode::kPaginationDepth;
}

Error PaginationDepth(const char* message) { return Error(ErrorCode::kPaginationDepth, message); }

// Checks members of the request against each other. OpenSearch detects these errors on a shard.
Status CheckCombination(const search::SearchRequest& request, const Collections& collections) {
  if (!request.search_after.empty() && request.sort.empty())
    return IllegalArgument("Sort must contain at least one field.");
  // All other rules are for hybrid queries only.
  const search::Hybrid* hybrid = request.query ? search::TopLevelHybrid(*request.query) : nullptr;
  if (hybrid == nullptr) return Ok();
  bool by_score = false;
  for (const search::SortKey& key : request.sort)
    by_score = by_score || key.by == search::SortKey::By::kScore;
  if (by_score && request.sort.size() > 1)
    return IllegalArgument(
        "_score sort criteria cannot be applied with any other criteria. Please select one sort criteria out "
        "of them.");
  for (const auto& collection : collections) {
    if (hybrid->pagination_depth > collection->settings.max_result_window)
      return PaginationDepth(
          "pagination_depth should be less than or equal to index.max_result_window setting");
    // A fusion window of 0 means a window of one page. Requests for later pages must then set
    // pagination_depth, as in OpenSearch.
    if (collection->settings.fusion_window == 0 && request.from > 0 && hybrid->pagination_depth == 0)
      return IllegalArgument("pagination_depth param is missing in the search request");
  }
  return Ok();
}

// Drops a sort whose only key is the descending score: the order stays the same, and hits show no sort
// values. The sort of a hybrid query is kept.
void DropScoreSort(search::SearchRequest* request) {
  const bool idle = request->sort.size() == 1 && request->sort[0].field == "_score" &&
                    request->sort[0].descending && request->search_after.empty();
  const bool hybrid = request->query && search::TopLevelHybrid(*request->query) != nullptr;
  if (idle && !hybrid) request->sort.clear();
}

std::optional<double> RerankWeight(const Services& services, const ParsedSearch& ask,
                                   const Collections& collections) {
  if (!ask.ledger || ask.inline_pipeline) return std::nullopt;
  const std::string name = ask.pipeline          ? *ask.pipeline
                           : collections.empty() ? ""
                                                 : collections.front()->settings.default_search_pipeline;
  const auto pipeline = services.deps.pipelines.Get(name);
  if (pipeline == nullptr || pipeline->reranks.size() != 1) return std::nullopt;
  return pipeline->reranks[0].weight;
}

Deadline DeadlineOf(const Services& services, const Call& call, const ParsedSearch& ask) {
  return ask.timeout_ms ? call.deadline().Within(services.deps.clock, *ask.timeout_ms) : call.deadline();
}

std::vector<search::Target> TargetsOf(const Services& services, const Collections& collections,
                                      const std::vector<search::QueryPtr>& filters) {
  TRINE_CHECK_EQ(collections.size(), filters.size());
  std::vector<search::Target> targets;
  for (size_t i = 0; i < collections.size(); ++i) {
    const auto index = services.deps.indexes.Get(collections[i]->id);
    if (index != nullptr) targets.push_back({collections[i], index->reader(), filters[i]});
  }
  return targets;
}

Result<int64_t> KeepAlive(const std::string& text) {
  const auto millis = ParseDuration(text);
  if (!millis || *millis <= 0)
    return IllegalArgument("failed to parse setting [scroll] with value [" + text + "] as a time value");
  if (*millis > kMaxKeepAliveMillis)
    return IllegalArgument("Keep alive for request (" + text + ") is too large. It must be less than (1d).");
  return *millis;
}

Result<Answer> ScrollPage(Services& services, ScrollContext& context, const std::string& id, bool as_int,
                          const Deadline& deadline, int64_t start) {
  formation::SearchAnswer page;
  std::vector<formation::PartFailure> failures;
  // A page without hits would end the scroll, so a page of which no record can be read is passed over.
  for (bool found = true; found && page.hits.empty();) {
    {
      const MutexLock lock(context.mutex());
      TRINE_ASSIGN(page, context.Next(services.deps.searcher, deadline));
    }
    found = !page.hits.empty();
    page.room = catalogue::AnswerRoom(services.deps.memory);
    TRINE_TRY(formation::FetchRecords(services.deps.records, &page));
    if (failures.empty()) failures = std::move(page.failures);
  }
  page.failures = std::move(failures);
  ParsedSearch ask = context.ask();
  ask.total_as_int = as_int;
  AnswerFrame frame;
  frame.took_ms = MillisSince(services.deps.clock, start);
  frame.shards = context.target_count();
  frame.scroll_id = id;
  frame.node = services.deps.node_name;
  Answer answer;
  answer.body = PrintSearch(page, ask, frame);
  return answer;
}

// Opens a scroll. Search pipelines are not applied: they re-rank the best hits of a search, but a scroll
// reads all hits in the order of the search.
Result<Answer> OpenScroll(Services& services, const Call& call, ParsedSearch ask,
                          const Collections& collections, const std::vector<search::QueryPtr>& filters,
                          int64_t start) {
  TRINE_ASSIGN(const int64_t keep_alive, KeepAlive(call.Text("scroll")));
  if (ask.request.query && search::TopLevelHybrid(*ask.request.query) != nullptr)
    return IllegalArgument("Scroll operation is not supported in hybrid query");
  if (ask.request.size == 0) return RequestValidation("[size] cannot be [0] in a scroll context");
  if (ask.request.from > 0) return RequestValidation("using [from] is not allowed in a scroll context");
  if (!ask.request.search_after.empty())
    return IllegalArgument("`search_after` cannot be used in a scroll context.");
  if ((ask.pipeline && !ask.pipeline->empty()) || ask.inline_pipeline)
    return NotSupported("[search_pipeline] in a scroll");
  if (call.Parameter("track_total_hits") == nullptr && ask.request.track_total_hits == 10000)
    ask.request.track_total_hits = -1;
  const bool as_int = ask.total_as_int;
  auto context = std::make_shared<ScrollContext>(TargetsOf(services, collections, filters), std::move(ask));
  TRINE_ASSIGN(const std::string id,
               services.scrolls.Open(context, call.request().caller, keep_alive, call.BodyText().size()));
  auto page = ScrollPage(services, *context, id, as_int, call.deadline(), start);
  if (!page.ok()) services.scrolls.Close(id, call.request().caller);
  return page;
}

Result<ParsedSearch> ReadSearch(const Call& call) {
  TRINE_ASSIGN(const Json body, call.Body());
  TRINE_ASSIGN(ParsedSearch ask, ParseSearchBody(body));
  TRINE_TRY(ApplySearchParameters(call, &ask));
  return ask;
}

// Returns the body's `query`. Every other member, such as `sort` or `size`, is an error.
Result<search::QueryPtr> OnlyQuery(const Call& call) {
  TRINE_ASSIGN(const Json body, call.Body());
  if (call.Parameter("q") != nullptr) return NotSupported("URI search with [q]");
  if (body.is_null()) return search::QueryPtr();
  for (const auto& [key, value] : body.object()) {
    if (key != "query") return ParsingError("request does not support [" + key + "]", key);
  }
  const Json* query = body.Find("query");
  if (query == nullptr) return search::QueryPtr();
  return ParseQuery(*query, "query");
}

}  // namespace

Result<Answer> Search(Services& services, const Call& call) {
  const int64_t start = services.deps.clock.MonotonicNanos();
  auto read = ReadSearch(call);
  if (!read.ok() && !IsShardLevelError(read.error())) return read.error();
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  if (!read.ok()) return SearchError(services, read.error(), collections);
  ParsedSearch ask = std::move(*read);
  TRINE_ASSIGN(const bool partial, call.Flag("allow_partial_search_results", true));
  TRINE_ASSIGN(auto filters, AliasFilters(collections, call.Variable("index")));
  DropScoreSort(&ask.request);
  if (call.Parameter("scroll") != nullptr) {
    auto opened = OpenScroll(services, call, std::move(ask), collections, filters, start);
    if (opened.ok() || IsParameterError(opened.error())) return opened;
    return SearchError(services, opened.error(), collections);
  }
  if (const Status good = CheckCombination(ask.request, collections); !good.ok())
    return SearchError(services, good.error(), collections);

  formation::SearchCall search;
  search.collections = collections;
  search.alias_filters = std::move(filters);
  search.request = ask.request;
  search.pipeline = ask.pipeline;
  search.inline_pipeline = ask.inline_pipeline;
  search.person = ask.person;
  search.fetch_records = ask.source.fetch || ask.version || ask.seq_no;
  search.ledger = ask.ledger;
  auto found = services.deps.search.Search(search, DeadlineOf(services, call, ask));
  if (!found.ok()) return SearchError(services, found.error(), collections);
  if (!partial && !found->failures.empty())
    return PartialFailure(found->failures, collections.size(), services.deps.node_name);
  if (collections.empty()) found->max_score = 0;
  AnswerFrame frame;
  frame.took_ms = MillisSince(services.deps.clock, start);
  frame.shards = collections.size();
  frame.node = services.deps.node_name;
  frame.rerank_weight = RerankWeight(services, ask, collections);
  Answer answer;
  answer.body = PrintSearch(*found, ask, frame);
  return answer;
}

Result<Answer> Scroll(Services& services, const Call& call) {
  const int64_t start = services.deps.clock.MonotonicNanos();
  TRINE_ASSIGN(const Json body, call.Body());
  std::string id = call.Text("scroll_id", call.Variable("scroll_id")), keep = call.Text("scroll");
  if (!body.is_null()) {
    for (const auto& [key, value] : body.object()) {
      if ((key != "scroll" && key != "scroll_id") || !value.is_string())
        return IllegalArgument("Unknown parameter [" + key +
                               "] in request body or parameter is of the wrong type[" +
                               std::string(value.type_name()) + "]");
      (key == "scroll" ? keep : id) = value.string();
    }
  }
  if (id.empty()) return RequestValidation("scrollId is missing");
  if (!Scrolls::IsId(id)) return IllegalArgument("Cannot parse scroll id");
  std::optional<int64_t> keep_alive;
  if (!keep.empty()) {
    TRINE_ASSIGN(keep_alive, KeepAlive(keep));
  }
  const auto context = services.scrolls.Get(id, call.request().caller, keep_alive);
  if (context == nullptr) {
    WireError gone;
    gone.status = 404;
    gone.type = "search_context_missing_exception";
    gone.reason = "No search context found for id [" + id.substr(0, 16) + "]";
    gone.details = Json(Json::Object{});
    Json error = ShardFailureBody(gone, nullptr, services.deps.node_name);
    Json* shard = &error.Find("error")->Find("failed_shards")->array()[0];
    shard->Set("shard", -1);
    shard->Set("index", Json());
    return JsonAnswer(error, 404);
  }
  TRINE_ASSIGN(const bool as_int, call.Flag("rest_total_hits_as_int", context->ask().total_as_int));
  return ScrollPage(services, *context, id, as_int, call.deadline(), start);
}

Result<Answer> ClearScroll(Services& services, const Call& call) {
  TRINE_ASSIGN(const Json body, call.Body());
  std::vector<std::string> ids = SplitList(call.Variable("scroll_id"));
  if (!body.is_null()) {
    BodyReader r(body, "clear_scroll", "body");
    for (const Json* id : r.List("scroll_id")) {
      if (!id->is_string()) return IllegalArgument("scroll_id array element should only contain scroll_id");
      ids.push_back(id->string());
    }
    TRINE_TRY(r.Done());
  }
  if (ids.empty()) return RequestValidation("no scroll ids specified");
  size_t freed = 0;
  for (const std::string& id : ids) {
    if (id == "_all") {
      freed += services.scrolls.CloseAll(call.request().caller);
      continue;
    }
    if (!Scrolls::IsId(id)) return IllegalArgument("Cannot parse scroll id");
    freed += services.scrolls.Close(id, call.request().caller) ? 1 : 0;
  }
  Json answer;
  answer.Set("succeeded", true);
  answer.Set("num_freed", static_cast<uint64_t>(freed));
  const bool all = ids.size() == 1 && ids[0] == "_all";
  return JsonAnswer(answer, freed > 0 || all ? 200 : 404);
}

Result<Answer> Count(Services& services, const Call& call) {
  auto query = OnlyQuery(call);
  if (!query.ok() && !IsShardLevelError(query.error())) return query.error();
  for (const char* unbuilt : {"min_score", "terminate_after"}) {
    if (call.Parameter(unbuilt) != nullptr) return NotSupported("[" + std::string(unbuilt) + "] in a count");
  }
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  if (!query.ok()) return SearchError(services, query.error(), collections);
  TRINE_ASSIGN(const auto filters, AliasFilters(collections, call.Variable("index")));
  const auto targets = TargetsOf(services, collections, filters);
  const auto count = services.deps.searcher.Count(targets, *query, call.deadline());
  if (!count.ok()) return SearchError(services, count.error(), collections);
  Json body;
  body.Set("count", *count);
  body.Set("_shards",
           ShardsWithFailures(collections.size(), formation::FailuresOf(targets), services.deps.node_name));
  return JsonAnswer(body);
}

Result<Answer> Explain(Services& services, const Call& call) {
  auto query = OnlyQuery(call);
  if (!query.ok()) return query.error();
  if (*query == nullptr) return RequestValidation("query is missing");
  TRINE_ASSIGN(const auto collection, ResolveOneIndex(services, call));
  const auto index = services.deps.indexes.Get(collection->id);
  Json body;
  body.Set("_index", collection->name);
  body.Set("_id", call.Variable("id"));
  if (index != nullptr) {
    const search::Target target{collection, index->reader(), nullptr};
    const auto explained =
        services.deps.searcher.Explain(target, *query, call.Variable("id"), call.deadline());
    if (explained.ok()) {
      body.Set("matched", explained->match);
      body.Set("explanation", PrintExplanation(*explained));
      return JsonAnswer(body);
    }
    if (explained.error().kind() != ErrorKind::kNotFound)
      return SearchError(services, explained.error(), {collection});
  }
  body.Set("matched", false);
  return JsonAnswer(body, 404);
}

Result<Answer> ValidateQuery(Services& services, const Call& call) {
  TRINE_ASSIGN(const bool explain, call.Flag("explain", false));
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  const auto query = OnlyQuery(call);
  Json shards = ShardsOf(collections.size()), body, explanations(Json::Array{});
  shards.Remove("skipped");
  bool valid = query.ok();
  for (const auto& collection : collections) {
    Json one;
    one.Set("index", collection->name);
    Result<std::string> text = query.ok() ? Result<std::string>(std::string("match_all")) : query.error();
    const auto index = services.deps.indexes.Get(collection->id);
    if (query.ok() && *query != nullptr && index != nullptr)
      text = services.deps.searcher.Validate({collection, index->reader(), nullptr}, *query);
    valid = valid && text.ok();
    one.Set("valid", text.ok());
    if (text.ok())
      one.Set("explanation", *text);
    else
      one.Set("error", ToWire(text.error()).reason);
    explanations.Push(std::move(one));
  }
  body.Set("_shards", std::move(shards));
  body.Set("valid", valid);
  if (explain) body.Set("explanations", std::move(explanations));
  return JsonAnswer(body);
}

}  // namespace trine::api::opensearch
