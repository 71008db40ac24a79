#include "api/opensearch/json/search_body.h"

#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/pipeline_json.h"
#include "api/opensearch/json/query_parser.h"
#include "api/opensearch/request/body_reader.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

constexpr std::array kNotBuilt = {"aggs",          "aggregations",  "highlight", "suggest",
                                  "rescore",       "collapse",      "fields",    "docvalue_fields",
                                  "stored_fields", "script_fields", "profile",   "pit",
                                  "indices_boost", "derived",       "slice",     "verbose_pipeline"};

// Whether a member has no effect: false, null, {} or [].
bool IsEmptyValue(const Json& value) {
  return value.is_null() || (value.is_bool() && !value.boolean()) ||
         (value.is_object() && value.object().empty()) || (value.is_array() && value.array().empty());
}

Result<size_t> CountOf(const char* name, int64_t value) {
  if (value < 0)
    return IllegalArgument("[" + std::string(name) + "] parameter cannot be negative, found [" +
                           std::to_string(value) + "]");
  return static_cast<size_t>(std::min<int64_t>(value, 2'147'483'647));
}

Status TrackTotal(const Json& value, ParsedSearch* ask) {
  if (value.is_bool() || (value.is_string() && (value.string() == "true" || value.string() == "false"))) {
    const bool all = value.is_bool() ? value.boolean() : value.string() == "true";
    ask->request.track_total_hits = all ? -1 : 0;
    ask->show_total = all;
    return Ok();
  }
  const auto number = value.is_int()      ? std::optional<int64_t>(value.integer())
                      : value.is_string() ? format::ParseInt(value.string())
                                          : std::nullopt;
  if (!number || *number < -1)
    return IllegalArgument("[track_total_hits] parameter must be positive or equals to -1, got " +
                           ScalarText(value));
  ask->request.track_total_hits = *number;
  ask->show_total = *number != 0;
  return Ok();
}

Status Timeout(const std::string& text, ParsedSearch* ask) {
  const auto millis = ParseDuration(text);
  if (!millis)
    return IllegalArgument("failed to parse setting [timeout] with value [" + text +
                           "] as a time value: unit is missing or unrecognized");
  if (*millis >= 0) ask->timeout_ms = *millis;
  return Ok();
}

Status ReadExt(const Json& given, ParsedSearch* ask) {
  if (!given.is_object()) return ParsingError("[ext] must be an object", "ext");
  for (const auto& [key, value] : given.object()) {
    if (key == "personalize_request_parameters") {
      TRINE_ASSIGN(ask->person, ParsePerson(value));
    } else if (key == "trine") {
      if (value.is_bool()) {
        ask->ledger = value.boolean();
        continue;
      }
      BodyReader r(value, "trine", "ext.trine");
      ask->ledger = r.Flag("ledger", true);
      TRINE_TRY(r.Done());
    } else if (key == "generative_qa_parameters" || key == "rerank" || key == "ml_inference" ||
               key == "mmr") {
      return NotSupported("[ext." + key + "]");
    } else {
      return Error(ErrorCode::kUnknownSection, "unknown field [" + key + "]");
    }
  }
  return Ok();
}

Status ReadPipeline(const Json& given, ParsedSearch* ask) {
  if (given.is_string()) {
    ask->pipeline = given.string() == "_none" ? "" : given.string();
    return Ok();
  }
  if (!given.is_object())
    return ParsingError("Unknown key for a " + TokenName(given) + " in [search_pipeline].",
                        "search_pipeline");
  TRINE_ASSIGN(formation::SearchPipeline pipeline, ParsePipeline("_ad_hoc_pipeline", given, true));
  ask->inline_pipeline = std::make_shared<const formation::SearchPipeline>(std::move(pipeline));
  return Ok();
}

// Reads the members with a scalar value.
Status ReadScalars(BodyReader* r, const Json& body, ParsedSearch* ask) {
  search::SearchRequest& request = ask->request;
  constexpr int64_t kLeast = -2'147'483'648, kMost = 2'147'483'647;
  TRINE_ASSIGN(request.from, CountOf("from", r->Int("from", 0, kLeast, kMost)));
  TRINE_ASSIGN(request.size, CountOf("size", r->Int("size", 10, kLeast, kMost)));
  TRINE_ASSIGN(request.terminate_after,
               CountOf("terminate_after", r->Int("terminate_after", 0, kLeast, kMost)));
  request.explain = r->Flag("explain", false);
  request.track_scores = r->Flag("track_scores", false);
  ask->version = r->Flag("version", false);
  ask->seq_no = r->Flag("seq_no_primary_term", false);
  if (r->Has("min_score")) request.min_score = static_cast<float>(r->Number("min_score", 0));
  if (r->Has("timeout")) TRINE_TRY(Timeout(r->Text("timeout"), ask));
  if (const Json* total = r->Raw("track_total_hits"); total != nullptr) TRINE_TRY(TrackTotal(*total, ask));
  r->Ignore("stats");
  r->Ignore("include_named_queries_score");
  if (const Json* named = body.Find("include_named_queries_score"); named != nullptr && !IsEmptyValue(*named))
    return NotSupported("[include_named_queries_score] in a search");
  return Ok();
}

Status ReadQueries(BodyReader* r, ParsedSearch* ask) {
  search::SearchRequest& request = ask->request;
  if (const Json* query = r->Raw("query"); query != nullptr) {
    TRINE_ASSIGN(request.query, ParseQuery(*query, "query"));
  }
  if (const Json* filter = r->Raw("post_filter"); filter != nullptr) {
    TRINE_ASSIGN(request.post_filter, ParseQuery(*filter, "post_filter"));
  }
  if (const Json* sort = r->Raw("sort"); sort != nullptr && !IsEmptyValue(*sort)) {
    TRINE_ASSIGN(request.sort, ParseSort(*sort));
  }
  if (const Json* after = r->Raw("search_after"); after != nullptr && !after->is_null()) {
    if (!after->is_array() || after->array().empty())
      return IllegalArgument("Values must contains at least one value.");
    for (const Json& value : after->array()) {
      if (value.is_array() || value.is_object())
        return IllegalArgument("Can't handle search_after field value of type [" +
                               std::string(value.type_name()) + "]");
      request.search_after.push_back(value);
    }
  }
  return Ok();
}

}  // namespace

Result<formation::Person> ParsePerson(const Json& given) {
  formation::Person person;
  if (!given.is_object())
    return Error(ErrorCode::kRequestSyntax, "[personalize_request_parameters] Expected START_OBJECT");
  for (const auto& [key, value] : given.object()) {
    if (key == "user_id") {
      if (!value.is_string())
        return Error(
            ErrorCode::kRequestSyntax,
            "[personalize_request_parameters] user_id doesn't support values of type: " + TokenName(value));
      person.user_id = value.string();
    } else if (key == "context") {
      if (!value.is_object())
        return Error(
            ErrorCode::kRequestSyntax,
            "[personalize_request_parameters] context doesn't support values of type: " + TokenName(value));
      for (const auto& [name, text] : value.object()) {
        if (!text.is_string())
          return Error(ErrorCode::kDefinitionSyntax,
                       "[context] Personalize context value is not of type String. Invalid context value: " +
                           format::ToString(text).substr(0, 200));
        person.context.emplace_back(name, text.string());
      }
    } else {
      return Error(ErrorCode::kRequestSyntax, "[personalize_request_parameters] unknown field [" + key + "]");
    }
  }
  return person;
}

Result<ParsedSearch> ParseSearchBody(const Json& body) {
  ParsedSearch ask;
  if (body.is_null()) return ask;
  for (const auto& [key, value] : body.object()) {
    for (const char* name : kNotBuilt) {
      if (key == name && !IsEmptyValue(value)) return NotSupported("[" + key + "] in a search");
    }
  }
  BodyReader r(body, "search", "body");
  TRINE_TRY(ReadQueries(&r, &ask));
  TRINE_TRY(ReadScalars(&r, body, &ask));
  if (const Json* source = r.Raw("_source"); source != nullptr && !source->is_null()) {
    TRINE_ASSIGN(ask.source, ParseSourceFilter(*source, "_source"));
  } else if (const Json* stored = body.Find("stored_fields"); stored != nullptr && stored->is_array()) {
    ask.source.fetch = false;  // a list of stored fields, here an empty one, replaces the source
  }
  if (const Json* pipeline = r.Raw("search_pipeline"); pipeline != nullptr)
    TRINE_TRY(ReadPipeline(*pipeline, &ask));
  if (const Json* ext = r.Raw("ext"); ext != nullptr) TRINE_TRY(ReadExt(*ext, &ask));
  for (const char* name : kNotBuilt) r.Ignore(name);
  for (const auto& [key, value] : body.object()) {
    if (!r.Seen(key))
      return ParsingError("Unknown key for a " + TokenName(value) + " in [" + key + "].", key);
  }
  TRINE_TRY(r.Done());
  return ask;
}

namespace {

// `sort=price:desc,_score`: a field name may contain colons; the order follows the last colon.
Status SortParameter(const std::string& text, ParsedSearch* ask) {
  Json keys(Json::Array{});
  for (const std::string& piece : SplitList(text)) {
    const size_t colon = piece.rfind(':');
    if (colon == std::string::npos) {
      keys.Push(piece);
      continue;
    }
    Json key;
    key.Set(piece.substr(0, colon), piece.substr(colon + 1));
    keys.Push(std::move(key));
  }
  TRINE_ASSIGN(ask->request.sort, ParseSort(keys));
  return Ok();
}

Status PersonParameters(const Call& call, ParsedSearch* ask) {
  constexpr std::string_view kContext = "ext.personalize.context.";
  for (const auto& [key, value] : call.parameters()) {
    if (key != "ext.personalize.user_id" && key.rfind(kContext, 0) != 0) continue;
    if (!ask->person) ask->person.emplace();
    if (key == "ext.personalize.user_id")
      ask->person->user_id = value;
    else
      ask->person->context.emplace_back(key.substr(kContext.size()), value);
  }
  return Ok();
}

Status FlagParameters(const Call& call, ParsedSearch* ask) {
  const std::pair<const char*, bool*> flags[] = {{"version", &ask->version},
                                                 {"seq_no_primary_term", &ask->seq_no},
                                                 {"explain", &ask->request.explain},
                                                 {"track_scores", &ask->request.track_scores},
                                                 {"rest_total_hits_as_int", &ask->total_as_int}};
  for (const auto& [name, slot] : flags) {
    TRINE_ASSIGN(*slot, call.Flag(name, *slot));
  }
  for (const char* unbuilt : {"verbose_pipeline", "phase_took"}) {
    TRINE_ASSIGN(const bool on, call.Flag(unbuilt, false));
    if (on) return NotSupported("[" + std::string(unbuilt) + "]");
  }
  return Ok();
}

}  // namespace

Status ApplySearchParameters(const Call& call, ParsedSearch* ask) {
  if (call.Parameter("q") != nullptr) return NotSupported("URI search with [q]");
  if (call.Text("search_type", "query_then_fetch") != "query_then_fetch")
    return NotSupported("[search_type=" + call.Text("search_type") + "]");
  TRINE_TRY(FlagParameters(call, ask));
  const std::pair<const char*, size_t*> counts[] = {{"from", &ask->request.from},
                                                    {"size", &ask->request.size},
                                                    {"terminate_after", &ask->request.terminate_after}};
  for (const auto& [name, slot] : counts) {
    TRINE_ASSIGN(const auto value, call.Int(name));
    if (!value) continue;
    TRINE_ASSIGN(*slot, CountOf(name, *value));
  }
  if (const std::string* total = call.Parameter("track_total_hits"); total != nullptr)
    TRINE_TRY(TrackTotal(Json(*total), ask));
  if (const std::string* timeout = call.Parameter("timeout"); timeout != nullptr)
    TRINE_TRY(Timeout(*timeout, ask));
  if (const std::string* sort = call.Parameter("sort"); sort != nullptr) TRINE_TRY(SortParameter(*sort, ask));
  TRINE_ASSIGN(auto source, SourceParameters(call));
  if (source) ask->source = std::move(*source);
  if (const std::string* pipeline = call.Parameter("search_pipeline"); pipeline != nullptr) {
    ask->pipeline = *pipeline == "_none" ? "" : *pipeline;
    ask->inline_pipeline.reset();
  }
  // If the request asks for the total as a plain number, all hits are counted, as in OpenSearch.
  if (ask->total_as_int && call.Parameter("track_total_hits") == nullptr && ask->show_total)
    ask->request.track_total_hits = -1;
  return PersonParameters(call, ask);
}

}  // namespace trine::api::opensearch
