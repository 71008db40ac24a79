// The banner and the cluster health.
#include <algorithm>
#include <array>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "format/text.h"

namespace trine::api::opensearch {

using format::Json;

namespace {

// Whether one node satisfies a condition such as "3", ">=3", "<2" or "ge(1)".
Result<bool> OneNodeIs(const std::string& wanted) {
  struct Form {
    std::string_view before, after;
    bool (*holds)(int64_t);
  };
  static constexpr Form kForms[] = {
      {">=", "", [](int64_t n) { return 1 >= n; }},   {"<=", "", [](int64_t n) { return 1 <= n; }},
      {">", "", [](int64_t n) { return 1 > n; }},     {"<", "", [](int64_t n) { return 1 < n; }},
      {"ge(", ")", [](int64_t n) { return 1 >= n; }}, {"le(", ")", [](int64_t n) { return 1 <= n; }},
      {"gt(", ")", [](int64_t n) { return 1 > n; }},  {"lt(", ")", [](int64_t n) { return 1 < n; }},
      {"", "", [](int64_t n) { return n == 1; }}};
  for (const Form& form : kForms) {
    if (!wanted.starts_with(form.before) || !wanted.ends_with(form.after)) continue;
    if (wanted.size() < form.before.size() + form.after.size()) continue;
    const auto number = format::ParseInt(std::string_view(wanted).substr(
        form.before.size(), wanted.size() - form.before.size() - form.after.size()));
    if (number) return form.holds(*number);
  }
  return IllegalArgument("Failed to parse [wait_for_nodes] with value [" + wanted + "]");
}

// Whether the conditions that the caller waits for hold. There is always one node, which has all shards, so a
// condition that does not hold now never will.
Result<bool> MeetsWaitConditions(const Call& call, uint64_t shards) {
  if (const std::string* nodes = call.Parameter("wait_for_nodes")) {
    TRINE_ASSIGN(const bool so, OneNodeIs(*nodes));
    if (!so) return false;
  }
  const std::string active = call.Text("wait_for_active_shards", "all");
  if (active == "all") return true;
  const auto number = format::ParseInt(active);
  if (!number || *number < 0) return IllegalArgument("cannot parse ActiveShardCount[" + active + "]");
  return static_cast<uint64_t>(*number) <= shards;
}

// The rank of a status, the worst first; -1 for an unknown status.
int Rank(std::string_view status) {
  constexpr std::array<std::string_view, 3> kStatuses = {"red", "yellow", "green"};
  const auto at = std::ranges::find(kStatuses, status);
  return at == kStatuses.end() ? -1 : static_cast<int>(at - kStatuses.begin());
}

// {"0": {...}}: every index has one shard.
Json ShardHealth(const std::string& status) {
  Json shard, shards;
  shard.Set("status", status);
  shard.Set("primary_active", true);
  shard.Set("active_shards", 1);
  for (const char* none : {"relocating_shards", "initializing_shards", "unassigned_shards"})
    shard.Set(none, 0);
  shards.Set("0", std::move(shard));
  return shards;
}

}  // namespace

std::string HealthStatus(const Services& services) {
  switch (services.deps.health ? services.deps.health() : HealthLevel::kOk) {
    case HealthLevel::kOk:
      return "green";
    case HealthLevel::kDegraded:
      return "yellow";
    case HealthLevel::kFailing:
      return "red";
  }
  return "red";
}

Result<Answer> Banner(Services& services, const Call&) {
  Json version, body;
  version.Set("distribution", "opensearch");
  version.Set("number", "3.1.0");
  version.Set("build_type", "tar");
  version.Set("build_hash", "unknown");
  version.Set("build_date", "2025-06-20T00:00:00.000000Z");
  version.Set("build_snapshot", false);
  version.Set("lucene_version", "10.2.1");
  version.Set("minimum_wire_compatibility_version", "2.19.0");
  version.Set("minimum_index_compatibility_version", "2.0.0");
  body.Set("name", services.deps.node_name);
  body.Set("cluster_name", services.deps.cluster_name);
  body.Set("cluster_uuid", "trine-single-node-0000");
  body.Set("version", std::move(version));
  body.Set("tagline", "The OpenSearch Project: https://opensearch.org/");
  Answer answer = JsonAnswer(body);
  answer.pretty = true;
  return answer;
}

Result<Answer> ClusterHealth(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  const std::string status = HealthStatus(services), wanted = call.Text("wait_for_status", "red");
  if (Rank(wanted) < 0) return IllegalArgument("unknown cluster health status [" + wanted + "]");
  const std::string level = call.Text("level", "cluster");
  if (level != "cluster" && level != "indices" && level != "shards")
    return IllegalArgument("level parameter must be one of [cluster] or [indices] or [shards] but was [" +
                           level + "]");
  const uint64_t shards = collections.size();
  if (const std::string timeout = call.Text("timeout", "30s"); !ParseDuration(timeout))
    return IllegalArgument("failed to parse setting [timeout] with value [" + timeout + "] as a time value");
  TRINE_ASSIGN(bool there, MeetsWaitConditions(call, shards));
  there = there && Rank(status) >= Rank(wanted);
  Json body;
  body.Set("cluster_name", services.deps.cluster_name);
  body.Set("status", status);
  body.Set("timed_out", !there);
  body.Set("number_of_nodes", 1);
  body.Set("number_of_data_nodes", 1);
  body.Set("discovered_master", true);
  body.Set("discovered_cluster_manager", true);
  body.Set("active_primary_shards", shards);
  body.Set("active_shards", shards);
  for (const char* none :
       {"relocating_shards", "initializing_shards", "unassigned_shards", "delayed_unassigned_shards",
        "number_of_pending_tasks", "number_of_in_flight_fetch", "task_max_waiting_in_queue_millis"})
    body.Set(none, 0);
  body.Set("active_shards_percent_as_number", 100.0);
  if (level != "cluster") {
    Json indices(Json::Object{});
    for (const auto& collection : collections) {
      Json one;
      one.Set("status", status);
      for (const char* counted : {"number_of_shards", "active_primary_shards", "active_shards"})
        one.Set(counted, 1);
      for (const char* none :
           {"number_of_replicas", "relocating_shards", "initializing_shards", "unassigned_shards"})
        one.Set(none, 0);
      if (level == "shards") one.Set("shards", ShardHealth(status));
      indices.Set(collection->name, std::move(one));
    }
    body.Set("indices", std::move(indices));
  }
  return JsonAnswer(body, there ? 200 : 408);
}

}  // namespace trine::api::opensearch
