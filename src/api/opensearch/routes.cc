// The table of routes, one line per route; router.h describes the columns.
#include "api/opensearch/router.h"

namespace trine::api::opensearch {
namespace {

using net::Access, net::RequestClass, net::RequestPlan;
// The kinds of routes: request class, access and body limit.
constexpr RequestPlan kSearch = {RequestClass::kSearch, Access::kRead, limits::kMaxQueryBodyBytes},
                      kWrite = {RequestClass::kWrite, Access::kWrite, limits::kMaxBodyBytes},
                      kAdmin = {RequestClass::kAdmin, Access::kAdmin, limits::kMaxQueryBodyBytes},
                      kOpen = {RequestClass::kAdmin, Access::kRead, limits::kMaxCallBodyBytes};

constexpr std::string_view kNames = "expand_wildcards ignore_unavailable allow_no_indices ignore_throttled";
constexpr std::string_view kIndexGet =
    "expand_wildcards ignore_unavailable allow_no_indices ignore_throttled local include_defaults "
    "flat_settings "
    "wait_for_active_shards timeout write_index_only wait_if_ongoing force";
constexpr std::string_view kCat =
    "v h s help bytes time local expand_wildcards ignore_unavailable allow_no_indices ignore_throttled "
    "health "
    "pri ts";
constexpr std::string_view kSearchParameters =
    "expand_wildcards ignore_unavailable allow_no_indices ignore_throttled from size sort _source "
    "_source_includes _source_excludes track_total_hits track_scores version seq_no_primary_term explain "
    "terminate_after timeout search_pipeline search_type preference routing request_cache typed_keys "
    "rest_total_hits_as_int scroll allow_partial_search_results batched_reduce_size ccs_minimize_roundtrips "
    "max_concurrent_shard_requests pre_filter_shard_size phase_took q stats verbose_pipeline "
    "cancel_after_time_interval ext.personalize.user_id "
    "ext.personalize.context.*";
constexpr std::string_view kCountParameters =
    "expand_wildcards ignore_unavailable allow_no_indices ignore_throttled min_score preference routing q "
    "terminate_after";
constexpr std::string_view kPut =
    "refresh routing pipeline timeout op_type if_seq_no if_primary_term version version_type require_alias "
    "wait_for_active_shards";
constexpr std::string_view kDelete =
    "refresh routing timeout if_seq_no if_primary_term version version_type wait_for_active_shards";
constexpr std::string_view kGet =
    "_source _source_includes _source_excludes realtime refresh routing preference stored_fields version "
    "version_type";
constexpr std::string_view kUpdate =
    "refresh routing timeout if_seq_no if_primary_term retry_on_conflict require_alias doc_as_upsert "
    "wait_for_active_shards "
    "_source _source_includes _source_excludes lang";
constexpr std::string_view kBulk =
    "refresh routing pipeline timeout require_alias wait_for_active_shards _source _source_includes "
    "_source_excludes";

// Routes for the server and its indexes.
std::vector<Route> AdminRoutes() {
  return {
      {"GET|HEAD", "/", Banner, kOpen, ""},
      {"GET", "/_cluster/health", ClusterHealth, kAdmin,
       "level wait_for_status wait_for_nodes wait_for_active_shards wait_for_no_relocating_shards "
       "wait_for_no_initializing_shards wait_for_events timeout local expand_wildcards ignore_unavailable "
       "allow_no_indices ignore_throttled"},
      {"GET", "/_cluster/health/{index}", ClusterHealth, kAdmin,
       "level wait_for_status wait_for_nodes wait_for_active_shards wait_for_no_relocating_shards "
       "wait_for_no_initializing_shards wait_for_events timeout local expand_wildcards ignore_unavailable "
       "allow_no_indices ignore_throttled"},
      {"GET", "/_cat/indices", CatIndices, kAdmin, kCat},
      {"GET", "/_cat/indices/{index}", CatIndices, kAdmin, kCat},
      {"GET", "/_cat/health", CatHealth, kAdmin, kCat},
      {"GET", "/_cat/count", CatCount, kAdmin, kCat},
      {"GET", "/_cat/count/{index}", CatCount, kAdmin, kCat},

      {"PUT", "/{index}", CreateIndex, kAdmin, "wait_for_active_shards timeout"},
      {"GET", "/{index}", GetIndex, kAdmin, kIndexGet},
      {"HEAD", "/{index}", IndexExists, kAdmin, kIndexGet},
      {"DELETE", "/{index}", DeleteIndex, kAdmin, kIndexGet},
      {"GET", "/_mapping", GetMapping, kAdmin, kIndexGet},
      {"GET", "/{index}/_mapping", GetMapping, kAdmin, kIndexGet},
      {"GET", "/{index}/_mappings", GetMapping, kAdmin, kIndexGet},
      {"GET", "/{index}/_mapping/field/{fields}", GetFieldMapping, kAdmin, kIndexGet},
      {"PUT|POST", "/{index}/_mapping", PutMapping, kAdmin, kIndexGet},
      {"PUT|POST", "/{index}/_mappings", PutMapping, kAdmin, kIndexGet},
      {"GET", "/_settings", GetSettings, kAdmin, kIndexGet},
      {"GET", "/{index}/_settings", GetSettings, kAdmin, kIndexGet},
      {"GET", "/{index}/_settings/{name}", GetSettings, kAdmin, kIndexGet},
      {"PUT", "/_settings", PutSettings, kAdmin,
       "preserve_existing timeout flat_settings expand_wildcards ignore_unavailable allow_no_indices "
       "ignore_throttled"},
      {"PUT", "/{index}/_settings", PutSettings, kAdmin,
       "preserve_existing timeout flat_settings expand_wildcards ignore_unavailable allow_no_indices "
       "ignore_throttled"},
      {"GET|POST", "/_refresh", RefreshIndex, kWrite, kNames},
      {"GET|POST", "/{index}/_refresh", RefreshIndex, kWrite, kNames},
      {"GET|POST", "/_flush", FlushIndex, kWrite, kIndexGet},
      {"GET|POST", "/{index}/_flush", FlushIndex, kWrite, kIndexGet},

      {"POST", "/_aliases", UpdateAliases, kAdmin, "timeout"},
      {"GET", "/_aliases", GetAliases, kAdmin, kIndexGet},
      {"GET|HEAD", "/_alias", GetAliases, kAdmin, kIndexGet},
      {"GET|HEAD", "/_alias/{name}", GetAliases, kAdmin, kIndexGet},
      {"GET|HEAD", "/{index}/_alias", GetAliases, kAdmin, kIndexGet},
      {"GET|HEAD", "/{index}/_alias/{name}", GetAliases, kAdmin, kIndexGet},
      {"PUT|POST", "/{index}/_alias/{name}", PutAlias, kAdmin, "timeout"},
      {"PUT|POST", "/{index}/_aliases/{name}", PutAlias, kAdmin, "timeout"},
      {"DELETE", "/{index}/_alias/{name}", DeleteAlias, kAdmin, "timeout"},
      {"DELETE", "/{index}/_aliases/{name}", DeleteAlias, kAdmin, "timeout"},
  };
}

// Documents, searches, pipelines.
std::vector<Route> DataRoutes() {
  return {
      {"PUT|POST", "/{index}/_doc/{id}", IndexDocument, kWrite, kPut},
      {"POST", "/{index}/_doc", IndexDocument, kWrite, kPut},
      {"PUT|POST", "/{index}/_create/{id}", CreateDocument, kWrite, kPut},
      {"GET|HEAD", "/{index}/_doc/{id}", GetDocument, kSearch, kGet},
      {"GET|HEAD", "/{index}/_source/{id}", GetSource, kSearch, kGet},
      {"DELETE", "/{index}/_doc/{id}", DeleteDocument, kWrite, kDelete},
      {"POST", "/{index}/_update/{id}", UpdateDocument, kWrite, kUpdate},
      {"PUT|POST", "/_bulk", Bulk, kWrite, kBulk},
      {"PUT|POST", "/{index}/_bulk", Bulk, kWrite, kBulk},
      {"GET|POST", "/_mget", MultiGet, kSearch, kGet},
      {"GET|POST", "/{index}/_mget", MultiGet, kSearch, kGet},

      {"GET|POST", "/_search", Search, kSearch, kSearchParameters},
      {"GET|POST", "/{index}/_search", Search, kSearch, kSearchParameters},
      {"GET|POST", "/_search/scroll", Scroll, kSearch, "scroll scroll_id rest_total_hits_as_int"},
      {"GET|POST", "/_search/scroll/{scroll_id}", Scroll, kSearch, "scroll scroll_id rest_total_hits_as_int"},
      {"DELETE", "/_search/scroll", ClearScroll, kSearch, ""},
      {"DELETE", "/_search/scroll/{scroll_id}", ClearScroll, kSearch, ""},
      {"GET|POST", "/_count", Count, kSearch, kCountParameters},
      {"GET|POST", "/{index}/_count", Count, kSearch, kCountParameters},
      {"GET|POST", "/{index}/_explain/{id}", Explain, kSearch,
       "routing preference _source _source_includes _source_excludes"},
      {"GET|POST", "/{index}/_validate/query", ValidateQuery, kSearch,
       "explain rewrite all_shards expand_wildcards ignore_unavailable allow_no_indices ignore_throttled"},
      {"GET|POST", "/_validate/query", ValidateQuery, kSearch,
       "explain rewrite all_shards expand_wildcards ignore_unavailable allow_no_indices ignore_throttled"},
      {"GET|POST", "/_analyze", Analyze, kSearch,
       "index text analyzer field normalizer tokenizer filter char_filter"},
      {"GET|POST", "/{index}/_analyze", Analyze, kSearch,
       "text analyzer field normalizer tokenizer filter char_filter"},

      {"PUT", "/_search/pipeline/{id}", PutPipeline, kAdmin, "timeout"},
      {"GET", "/_search/pipeline", GetPipeline, kAdmin, "local"},
      {"GET", "/_search/pipeline/{id}", GetPipeline, kAdmin, "local"},
      {"DELETE", "/_search/pipeline/{id}", DeletePipeline, kAdmin, "timeout"},
  };
}

// Routes of OpenSearch that are not implemented: {methods, patterns}. A mistake in this list
// changes only the text of the answer, which is a 400 in any case.
constexpr std::pair<std::string_view, std::string_view> kNotBuilt[] = {
    {"GET|PUT", "/_cluster/settings"},
    {"GET", "/_cluster/state"},
    {"GET", "/_cluster/state/{metric}"},
    {"GET", "/_cluster/state/{metric}/{index}"},
    {"GET", "/_cluster/stats"},
    {"GET", "/_cluster/pending_tasks"},
    {"GET|POST", "/_cluster/allocation/explain"},
    {"POST", "/_cluster/reroute"},
    {"GET", "/_nodes"},
    {"GET", "/_nodes/{metric}"},
    {"GET", "/_nodes/{id}/{metric}"},
    {"GET", "/_cat"},
    {"GET", "/_cat/{table}"},
    {"GET", "/_cat/{table}/{index}"},
    {"POST", "/{index}/_forcemerge"},
    {"POST", "/_forcemerge"},
    {"POST", "/{index}/_cache/clear"},
    {"POST", "/_cache/clear"},
    {"POST", "/{index}/_open"},
    {"POST", "/{index}/_close"},
    {"PUT", "/{index}/_block/{block}"},
    {"GET", "/_stats"},
    {"GET", "/{index}/_stats"},
    {"GET", "/{index}/_stats/{metric}"},
    {"GET", "/{index}/_segments"},
    {"GET", "/{index}/_recovery"},
    {"GET", "/{index}/_shard_stores"},
    {"PUT|POST", "/{index}/_clone/{target}"},
    {"PUT|POST", "/{index}/_shrink/{target}"},
    {"PUT|POST", "/{index}/_split/{target}"},
    {"POST", "/{index}/_rollover"},
    {"POST", "/{index}/_rollover/{target}"},
    {"POST", "/{index}/_delete_by_query"},
    {"POST", "/{index}/_update_by_query"},
    {"POST", "/_reindex"},
    {"GET", "/_tasks"},
    {"GET", "/_tasks/{id}"},
    {"POST", "/_tasks/{id}/_cancel"},
    {"GET|POST", "/_msearch"},
    {"GET|POST", "/{index}/_msearch"},
    {"POST", "/{index}/_search/point_in_time"},
    {"GET|DELETE", "/_search/point_in_time"},
    {"GET|DELETE", "/_search/point_in_time/_all"},
    {"GET|POST", "/_field_caps"},
    {"GET|POST", "/{index}/_field_caps"},
    {"GET|POST", "/{index}/_search_shards"},
    {"GET|POST", "/{index}/_termvectors/{id}"},
    {"GET|POST", "/{index}/_termvectors"},
    {"GET|POST", "/_mtermvectors"},
    {"GET|POST", "/{index}/_mtermvectors"},
    {"GET|POST", "/{index}/_rank_eval"},
    {"GET|HEAD", "/_index_template"},
    {"PUT|POST|GET|HEAD|DELETE", "/_index_template/{name}"},
    {"GET", "/_component_template"},
    {"PUT|POST|GET|HEAD|DELETE", "/_component_template/{name}"},
    {"GET", "/_template"},
    {"PUT|POST|GET|HEAD|DELETE", "/_template/{name}"},
    {"GET", "/_data_stream"},
    {"PUT|GET|DELETE", "/_data_stream/{name}"},
    {"GET", "/_ingest/pipeline"},
    {"PUT|GET|DELETE", "/_ingest/pipeline/{id}"},
    {"GET|POST", "/_ingest/pipeline/_simulate"},
    {"GET|POST", "/_ingest/pipeline/{id}/_simulate"},
    {"PUT|POST|GET|DELETE", "/_scripts/{id}"},
    {"GET|POST", "/_search/template"},
    {"GET|POST", "/{index}/_search/template"},
    {"GET|POST", "/_render/template"},
    {"GET|POST", "/_msearch/template"},
    {"GET", "/_resolve/index/{name}"},
    {"GET", "/_remote/info"},
    {"GET|POST|PUT|DELETE", "/_plugins/{plugin}"},
    {"GET|POST|PUT|DELETE", "/_plugins/{plugin}/{a}"},
    {"GET|POST|PUT|DELETE", "/_plugins/{plugin}/{a}/{b}"},
    {"GET|POST|PUT|DELETE", "/_plugins/{plugin}/{a}/{b}/{c}"},
    {"GET|POST|PUT|DELETE", "/_plugins/{plugin}/{a}/{b}/{c}/{d}"},
};

}  // namespace

const std::vector<Route>& Routes() {
  static const std::vector<Route> kRoutes = [] {
    std::vector<Route> all = AdminRoutes();
    for (const Route& route : DataRoutes()) all.push_back(route);
    for (const auto& [methods, pattern] : kNotBuilt) all.push_back({methods, pattern, nullptr, kAdmin, ""});
    return all;
  }();
  return kRoutes;
}

}  // namespace trine::api::opensearch
