#include "api/opensearch/json/settings_json.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/analysis_json.h"
#include "api/opensearch/request/body_reader.h"
#include "api/opensearch/request/call.h"
#include "api/opensearch/request/path_filter.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalogue/name_pattern.h"
#include "catalogue/settings_view.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using catalogue::CollectionSettings;
using format::Json;

constexpr int kMaxNesting = 10;

enum class Change { kStatic, kDynamic };
enum class Value { kAny, kInteger, kBoolean, kDuration };
struct KnownSetting {
  std::string_view pattern;
  Change change;
  Value value = Value::kAny;
  std::string_view only = "";  // if not empty, the one value that is accepted: what this engine always does
};
using enum Change;
// Every setting that is accepted. Those that Read does not evaluate have no effect that a client could see
// (shards, merges, translog ...): there is always one shard, whatever was requested. A setting that would
// change answers and is not implemented accepts only its default. docs/accepted-options.tsv lists them all.
constexpr KnownSetting kKnown[] = {
    {"index.number_of_shards", kStatic, Value::kInteger},
    {"index.number_of_routing_shards", kStatic, Value::kInteger},
    {"index.routing_partition_size", kStatic, Value::kInteger},
    {"index.number_of_replicas", kDynamic, Value::kInteger},
    {"index.auto_expand_replicas", kDynamic},
    {"index.refresh_interval", kDynamic, Value::kDuration},
    {"index.max_result_window", kDynamic, Value::kInteger},
    {"index.max_inner_result_window", kDynamic, Value::kInteger},
    {"index.max_rescore_window", kDynamic, Value::kInteger},
    {"index.max_docvalue_fields_search", kDynamic, Value::kInteger},
    {"index.max_script_fields", kDynamic, Value::kInteger},
    {"index.max_ngram_diff", kDynamic, Value::kInteger},
    {"index.max_shingle_diff", kDynamic, Value::kInteger},
    {"index.max_terms_count", kDynamic, Value::kInteger, "65536"},
    {"index.max_regex_length", kDynamic, Value::kInteger},
    {"index.max_refresh_listeners", kDynamic, Value::kInteger},
    {"index.max_slices_per_scroll", kDynamic, Value::kInteger},
    {"index.search.fusion_window", kDynamic},
    {"index.search.default_pipeline", kDynamic},
    {"index.search.idle.after", kDynamic, Value::kDuration},
    {"index.search.slowlog.*", kDynamic},
    {"index.indexing.slowlog.*", kDynamic},
    {"index.analysis.*", kStatic},
    {"index.analyze.max_token_count", kDynamic, Value::kInteger, "10000"},
    {"index.highlight.max_analyzed_offset", kDynamic, Value::kInteger},
    {"index.knn", kStatic, Value::kBoolean},
    {"index.knn.algo_param.ef_search", kDynamic, Value::kInteger},
    {"index.knn.advanced.*", kDynamic},
    {"index.knn.faiss.*", kDynamic},
    {"index.knn.derived_source.enabled", kStatic, Value::kBoolean},
    {"index.knn.memory_optimized_search", kStatic, Value::kBoolean},
    {"index.codec", kStatic},
    {"index.codec.compression_level", kStatic, Value::kInteger},
    {"index.hidden", kDynamic, Value::kBoolean, "false"},
    {"index.priority", kDynamic, Value::kInteger},
    {"index.mapping.coerce", kStatic, Value::kBoolean, "true"},
    {"index.mapping.ignore_malformed", kStatic, Value::kBoolean, "false"},
    {"index.mapping.total_fields.limit", kDynamic, Value::kInteger},
    {"index.mapping.depth.limit", kDynamic, Value::kInteger},
    {"index.mapping.nested_fields.limit", kDynamic, Value::kInteger},
    {"index.mapping.nested_objects.limit", kDynamic, Value::kInteger},
    {"index.mapping.field_name_length.limit", kDynamic, Value::kInteger, "9223372036854775807"},
    {"index.translog.*", kDynamic},
    {"index.merge.*", kDynamic},
    {"index.routing.*", kDynamic},
    {"index.unassigned.*", kDynamic},
    {"index.gc_deletes", kDynamic, Value::kDuration},
    {"index.soft_deletes.*", kStatic},
    {"index.store.*", kStatic},
    {"index.write.wait_for_active_shards", kDynamic},
    {"index.query.default_field", kDynamic},
    {"index.replication.type", kStatic},
    {"index.warmer.enabled", kDynamic, Value::kBoolean},
    {"index.queries.cache.enabled", kStatic, Value::kBoolean},
    {"index.use_compound_file", kDynamic, Value::kBoolean},
    {"index.merge_on_flush.*", kDynamic},
    {"index.check_pending_flush.enabled", kDynamic, Value::kBoolean},
    {"index.search.concurrent_segment_search.*", kDynamic},
    {"index.optimize_doc_id_lookup.*", kDynamic},
    {"index.allocation.max_retries", kDynamic, Value::kInteger},
    {"index.max_adjacency_matrix_filters", kDynamic, Value::kInteger},
    {"index.append_only.enabled", kStatic, Value::kBoolean, "false"},
    {"index.requests.cache.enable", kDynamic, Value::kBoolean},
    {"index.load_fixed_bitset_filters_eagerly", kStatic, Value::kBoolean},
    // The features are not implemented; these values turn them off.
    {"index.default_pipeline", kDynamic, Value::kAny, "_none"},
    {"index.final_pipeline", kDynamic, Value::kAny, "_none"},
    {"index.blocks.*", kDynamic, Value::kBoolean, "false"},
};
// These settings would change answers, so they are rejected by name instead of being ignored.
constexpr std::string_view kNotBuilt[] = {"index.sort.*", "index.similarity.*", "index.shard.*"};

const KnownSetting* FindSetting(std::string_view name) {
  for (const KnownSetting& known : kKnown) {
    if (catalogue::MatchesPattern(known.pattern, name)) return &known;
  }
  return nullptr;
}

// Turns {"index": {"a": 1}, "b": [..]} into "index.a" -> "1", "index.b" -> [strings].
Status Flatten(const Json& value, const std::string& path, int depth, Json* flat) {
  if (depth > kMaxNesting) return Error(ErrorCode::kLimit, "settings are nested too deeply").Where(path);
  if (value.is_object()) {
    for (const auto& [key, member] : value.object())
      TRINE_TRY(Flatten(member, path.empty() ? key : path + "." + key, depth + 1, flat));
    return Ok();
  }
  const std::string name = path.rfind("index.", 0) == 0 ? path : "index." + path;
  if (value.is_array()) {
    Json texts(Json::Array{});
    for (const Json& one : value.array()) {
      if (one.is_array() || one.is_object() || one.is_null())
        return IllegalArgument("a list must contain only strings, numbers and booleans, in setting [" + name +
                               "]");
      texts.Push(ScalarText(one));
    }
    flat->Set(name, std::move(texts));
  } else {
    flat->Set(name, value.is_null() ? Json() : Json(ScalarText(value)));
  }
  return Ok();
}

Error BadValue(std::string_view name, const std::string& value, const std::string& why) {
  return IllegalArgument("Failed to parse value [" + value + "] for setting [" + std::string(name) + "]" +
                         (why.empty() ? "" : " " + why));
}

Result<int64_t> IntSetting(const Json& flat, std::string_view name, int64_t otherwise, int64_t least,
                           int64_t most) {
  const Json* value = flat.Find(name);
  if (value == nullptr) return otherwise;
  const auto number = value->is_string() ? format::ParseInt(value->string()) : std::nullopt;
  const std::string text = value->is_string() ? value->string() : format::ToString(*value);
  if (!number) return BadValue(name, text, "");
  if (*number < least) return BadValue(name, text, "must be >= " + std::to_string(least));
  if (*number > most) return BadValue(name, text, "must be <= " + std::to_string(most));
  return *number;
}

std::string TextSetting(const Json& flat, std::string_view name) {
  const Json* value = flat.Find(name);
  return value != nullptr && value->is_string() ? value->string() : "";
}

Status CheckValue(const KnownSetting& known, const std::string& name, const Json& value) {
  if (value.is_null()) return Ok();
  const std::string text = value.is_string() ? value.string() : format::ToString(value);
  switch (known.value) {
    case Value::kInteger:
      if (!format::ParseInt(text)) return BadValue(name, text, "");
      break;
    case Value::kBoolean:
      if (text != "true" && text != "false")
        return BadValue(name, text, "as only [true] or [false] are allowed.");
      break;
    case Value::kDuration:
      if (!ParseDuration(text))
        return IllegalArgument("failed to parse setting [" + name + "] with value [" + text +
                               "] as a time value: unit is missing or unrecognized");
      break;
    case Value::kAny:
      break;
  }
  if (known.only.empty() || text == known.only) return Ok();
  return NotSupported("[" + text + "] for setting [" + name + "]");
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// "false", "0-5" or "0-all"
bool IsExpansion(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return text == "false";
  const std::string_view most = text.substr(dash + 1);
  return format::ParseInt(text.substr(0, dash)) && (most == "all" || format::ParseInt(most));
}

// Checks values of settings without an effect, because a value that OpenSearch refuses is a mistake that the
// client should hear of.
Status CheckWords(const std::string& name, const std::string& text) {
  if (name == "index.codec" && !IsOneOf(text, {"default", "lz4", "best_compression", "zlib", "zstd",
                                               "zstd_no_dict", "qat_lz4", "qat_deflate", "qat_zstd"}))
    return IllegalArgument(
        "unknown value for [index.codec] must be one of [default, lz4, best_compression, zlib] but was: " +
        text);
  if (name == "index.auto_expand_replicas" && !IsExpansion(text))
    return IllegalArgument("failed to parse [index.auto_expand_replicas] from value: [" + text +
                           "] at index -1");
  if (name == "index.translog.durability" && !IsOneOf(ToLowerAscii(text), {"request", "async"}))
    return BadValue(name, text, "expected request or async");
  if (name == "index.soft_deletes.enabled" && text != "true")
    return IllegalArgument(
        "Creating indices with soft-deletes disabled is no longer supported. Please do not specify a value "
        "for "
        "setting [index.soft_deletes.enabled].");
  if (name == "index.replication.type" && !IsOneOf(ToLowerAscii(text), {"document", "segment"}))
    return BadValue(name, text, "expected DOCUMENT or SEGMENT");
  if (name == "index.write.wait_for_active_shards" && text != "all") {
    const auto copies = format::ParseInt(text);
    if (!copies || *copies < 0) return BadValue(name, text, "expected all or a number");
  }
  return Ok();
}

Status CheckSettings(const Json& flat) {
  for (const auto& [name, value] : flat.object()) {
    for (const std::string_view pattern : kNotBuilt) {
      if (catalogue::MatchesPattern(pattern, name)) return NotSupported("setting [" + name + "]");
    }
    const KnownSetting* known = FindSetting(name);
    if (known == nullptr)
      return IllegalArgument(
                 "unknown setting [" + name +
                 "] please check that any required plugins are installed, or check the breaking changes "
                 "documentation for removed settings")
          .Detail("exception", "settings_exception");
    TRINE_TRY(CheckValue(*known, name, value));
    if (value.is_string()) TRINE_TRY(CheckWords(name, value.string()));
  }
  return Ok();
}

// Checks index.query.default_field: a pattern or an array of patterns, each with an optional boost
// ("title^2").
Status CheckDefaultFields(const Json& flat) {
  constexpr std::string_view kName = "index.query.default_field";
  const Json* given = flat.Find(kName);
  if (given == nullptr) return Ok();
  const Json::Array fields = given->is_array() ? given->array() : Json::Array{*given};
  for (const Json& field : fields) {
    const std::string text = ScalarText(field);
    if (!catalogue::ParseBoostedField(text).ok()) return BadValue(kName, text, "");
  }
  return Ok();
}

// Reads the settings from the flat map. An absent setting gets its default. The analysis of an existing
// index, `existing`, cannot change and is kept, so that it need not be read again from files that may have
// changed; nullptr for a new index.
Result<CollectionSettings> Read(Json flat, const analysis::Analyzers& analyzers,
                                const analysis::AnalysisSettings* existing) {
  CollectionSettings settings;
  TRINE_TRY(IntSetting(flat, "index.number_of_shards", 1, 1, 1024));
  TRINE_TRY(IntSetting(flat, "index.number_of_replicas", 1, 0, 1000));
  if (const Json* interval = flat.Find("index.refresh_interval"); interval != nullptr) {
    const auto millis = ParseDuration(interval->is_string() ? interval->string() : "?");
    if (!millis || *millis < -1) {
      return IllegalArgument("failed to parse setting [index.refresh_interval] with value [" +
                             (interval->is_string() ? interval->string() : format::ToString(*interval)) +
                             "] as a time value: unit is missing or unrecognized");
    }
    // In OpenSearch, 0 means "at once". Here 0 would refresh without pause, so a short interval replaces it.
    settings.refresh_interval_ms = *millis == 0 ? 10 : *millis;
  }
  TRINE_ASSIGN(const int64_t window,
               IntSetting(flat, "index.max_result_window", static_cast<int64_t>(limits::kMaxResultWindow), 1,
                          1'000'000));
  settings.max_result_window = static_cast<size_t>(window);
  if (TextSetting(flat, "index.search.fusion_window") == "size") {
    settings.fusion_window = 0;
  } else {
    TRINE_ASSIGN(const int64_t fusion,
                 IntSetting(flat, "index.search.fusion_window",
                            static_cast<int64_t>(limits::kDefaultFusionWindow), 1, 1'000'000));
    settings.fusion_window = static_cast<size_t>(fusion);
  }
  settings.default_search_pipeline = TextSetting(flat, "index.search.default_pipeline");
  if (settings.default_search_pipeline == "_none") settings.default_search_pipeline.clear();
  TRINE_TRY(IntSetting(flat, "index.mapping.total_fields.limit", 1, 1,
                       static_cast<int64_t>(limits::kMaxMappingFields)));
  TRINE_TRY(
      IntSetting(flat, "index.mapping.depth.limit", 1, 1, static_cast<int64_t>(limits::kMaxDocumentDepth)));
  TRINE_TRY(CheckDefaultFields(flat));
  if (existing != nullptr) {
    settings.analysis = *existing;
  } else {
    TRINE_ASSIGN(settings.analysis, ParseAnalysis(flat, analyzers));
  }
  if (settings.analysis.analyzers.contains("default") || settings.analysis.configured.contains("default"))
    settings.default_analyzer = "default";
  settings.client_settings = std::move(flat);
  return settings;
}

// Puts "index.a.b" into nested objects; a name that is both a value and a prefix of other names stays flat.
void Unflatten(Json* root, const std::string& name, const Json& value) {
  Json* at = root;
  size_t begin = 0;
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
    const std::string part = name.substr(begin, dot - begin);
    Json* child = at->Find(part);
    if (child == nullptr) child = &at->Set(part, Json(Json::Object{}));
    if (!child->is_object()) break;
    at = child;
    begin = dot + 1;
  }
  const std::string rest = name.substr(begin);
  if (Json* there = at->Find(rest); there != nullptr && there->is_object()) {
    root->Find("index")->Set(name.substr(6), value);
    return;
  }
  at->Set(rest, value);
}

}  // namespace

Result<CollectionSettings> ParseSettings(const Json& given, const analysis::Analyzers& analyzers) {
  Json flat(Json::Object{});
  if (!given.is_null()) {
    if (!given.is_object()) return IllegalArgument("settings must be an object");
    TRINE_TRY(Flatten(given, "", 0, &flat));
  }
  std::erase_if(flat.object(), [](const Json::Member& member) { return member.second.is_null(); });
  TRINE_TRY(CheckSettings(flat));
  return Read(std::move(flat), analyzers, nullptr);
}

Result<CollectionSettings> ChangeSettings(const catalogue::Collection& collection, const Json& changes,
                                          const analysis::Analyzers& analyzers) {
  const Json* settings = changes.Find("settings");
  Json more(Json::Object{});
  TRINE_TRY(Flatten(settings != nullptr && settings->is_object() ? *settings : changes, "", 0, &more));
  TRINE_TRY(CheckSettings(more));
  Json flat = collection.settings.client_settings.is_object() ? collection.settings.client_settings
                                                              : Json(Json::Object{});
  std::string refused;
  for (const auto& [name, value] : more.object()) {
    const KnownSetting* known = FindSetting(name);
    const Json* now = flat.Find(name);
    if (known != nullptr && known->change == Change::kStatic && (now == nullptr || !(*now == value)))
      refused += (refused.empty() ? "" : ", ") + name;
    if (value.is_null())
      flat.Remove(name);
    else
      flat.Set(name, value);
  }
  if (!refused.empty())
    return IllegalArgument("Can't update non dynamic settings [[" + refused + "]] for open indices [[" +
                           collection.name + "/" + collection.uuid + "]]");
  return Read(std::move(flat), analyzers, &collection.settings.analysis);
}

Json PrintSettings(const catalogue::Collection& collection, bool flat) {
  Json all(Json::Object{});
  all.Set("index.creation_date", std::to_string(collection.created.value));
  all.Set("index.number_of_shards", "1");
  all.Set("index.number_of_replicas", "1");
  all.Set("index.uuid", collection.uuid);
  all.Set("index.version.created", "137227827");
  all.Set("index.provided_name", collection.name);
  all.Set("index.replication.type", "DOCUMENT");
  if (collection.settings.client_settings.is_object()) {
    for (const auto& [name, value] : collection.settings.client_settings.object()) all.Set(name, value);
  }
  if (flat) return all;
  Json nested(Json::Object{});
  for (const auto& [name, value] : all.object()) Unflatten(&nested, name, value);
  return nested;
}

}  // namespace trine::api::opensearch
