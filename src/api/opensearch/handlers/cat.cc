// Tables for human readers: _cat/indices, _cat/health and _cat/count, as text columns or as JSON.
#include <algorithm>
#include <map>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/request/path_filter.h"
#include "base/check.h"
#include "base/text.h"
#include "catalogue/name_pattern.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

struct Column {
  std::string name, alias, about;
  bool number = false;  // right-aligned
  bool shown = true;    // shown if `h` is absent
};
// Each row has one string per column.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

std::string Bytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"b", "kb", "mb", "gb", "tb"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit < 4) value /= 1024, ++unit;
  if (unit == 0) return std::to_string(bytes) + "b";
  std::string text = std::to_string(value);
  TRINE_DCHECK(text.find('.') != std::string::npos);
  text.resize(text.find('.') + 2);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + kUnits[unit];
}

Result<std::string> SizeText(const Call& call, uint64_t bytes) {
  const std::string unit = call.Text("bytes");
  static const std::map<std::string, uint64_t> kUnits = {{"b", 1},        {"k", 1u << 10},  {"kb", 1u << 10},
                                                         {"m", 1u << 20}, {"mb", 1u << 20}, {"g", 1u << 30},
                                                         {"gb", 1u << 30}};
  if (unit.empty()) return Bytes(bytes);
  const auto it = kUnits.find(unit);
  if (it == kUnits.end()) return IllegalArgument("unknown unit [" + unit + "] of [bytes]");
  return std::to_string(bytes / it->second);
}

// The columns named by `h` (names, aliases or wildcards), in the order of the parameter.
std::vector<size_t> ChooseColumns(const Table& table, const Call& call) {
  std::vector<size_t> chosen;
  const std::string* wanted = call.Parameter("h");
  if (wanted == nullptr) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].shown) chosen.push_back(i);
    }
    return chosen;
  }
  for (const std::string& pattern : SplitList(*wanted)) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (catalogue::MatchesPattern(pattern, table.columns[i].name) || pattern == table.columns[i].alias)
        chosen.push_back(i);
    }
  }
  return chosen;
}

// `s=docs.count:desc,index`. Unknown columns are an error, as in OpenSearch.
Status Sort(const Call& call, Table* table) {
  const std::vector<std::string> keys = SplitList(call.Text("s"));
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    const size_t colon = key->find(':');
    const std::string name = key->substr(0, colon);
    const bool descending = colon != std::string::npos && key->substr(colon + 1) == "desc";
    size_t at = 0;
    while (at < table->columns.size() && table->columns[at].name != name && table->columns[at].alias != name)
      ++at;
    if (at == table->columns.size())
      return Error(ErrorCode::kUnknownSortColumn, "Unable to sort by unknown sort key `" + name + "`");
    const bool number = table->columns[at].number;
    std::stable_sort(table->rows.begin(), table->rows.end(), [&](const auto& a, const auto& b) {
      const auto& [x, y] = descending ? std::tie(b[at], a[at]) : std::tie(a[at], b[at]);
      if (number) return format::ParseDouble(x).value_or(0) < format::ParseDouble(y).value_or(0);
      return x < y;
    });
  }
  return Ok();
}

// Columns as wide as their widest cell, separated by a space; the last column is not padded.
std::string Text(const Table& table, const std::vector<size_t>& chosen, bool header) {
  std::vector<size_t> widths;
  for (const size_t at : chosen) {
    size_t width = header ? table.columns[at].name.size() : 0;
    for (const auto& row : table.rows) width = std::max(width, row[at].size());
    widths.push_back(width);
  }
  std::string out;
  const auto line = [&](const auto& cell, bool is_header) {
    for (size_t i = 0; i < chosen.size(); ++i) {
      const std::string& text = cell(chosen[i]);
      TRINE_DCHECK_LE(text.size(), widths[i]);
      const std::string pad(widths[i] - text.size(), ' ');
      const bool right = table.columns[chosen[i]].number && !is_header;
      if (i > 0) out += ' ';
      out += right ? pad + text : (i + 1 < chosen.size() ? text + pad : text);
    }
    out += '\n';
  };
  if (header) line([&](size_t at) -> const std::string& { return table.columns[at].name; }, true);
  for (const auto& row : table.rows) line([&](size_t at) -> const std::string& { return row[at]; }, false);
  return out;
}

Result<Answer> Print(Table table, const Call& call) {
  TRINE_ASSIGN(const bool help, call.Flag("help", false));
  TRINE_ASSIGN(const bool header, call.Flag("v", false));
  Answer answer;
  if (help) {
    answer.plain = true;
    for (const Column& column : table.columns)
      answer.body += column.name + " | " + column.alias + " | " + column.about + "\n";
    return answer;
  }
  for (const auto& row : table.rows) TRINE_CHECK_EQ(row.size(), table.columns.size());
  TRINE_TRY(Sort(call, &table));
  const std::vector<size_t> chosen = ChooseColumns(table, call);
  const std::string form = call.Text("format", "text");
  if (form == "json") {
    Json rows(Json::Array{});
    for (const auto& row : table.rows) {
      Json one(Json::Object{});
      for (const size_t at : chosen) one.Set(table.columns[at].name, row[at]);
      rows.Push(std::move(one));
    }
    return JsonAnswer(rows);
  }
  if (form != "text") return NotSupported("[format: " + form + "]");
  answer.plain = true;
  answer.body = Text(table, chosen, header);
  return answer;
}

// Returns the current time as "1700000000" and "01:02:03".
std::pair<std::string, std::string> Stamp(const Clock& clock) {
  const Millis now = clock.Now();
  return {std::to_string(now.value / 1000), format::FormatTime(now).substr(11, 8)};
}

}  // namespace

Result<Answer> CatIndices(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  Table table;
  table.columns = {{"health", "h", "current health status"},
                   {"status", "s", "open/close status"},
                   {"index", "i", "index name"},
                   {"uuid", "id", "index uuid"},
                   {"pri", "p", "number of primary shards", true},
                   {"rep", "r", "number of replica shards", true},
                   {"docs.count", "dc", "available docs", true},
                   {"docs.deleted", "dd", "deleted docs", true},
                   {"creation.date", "cd", "index creation date (millisecond value)", true, false},
                   {"creation.date.string", "cds", "index creation date (as string)", false, false},
                   {"store.size", "ss", "store size of primaries & replicas", true},
                   {"pri.store.size", "", "store size of primaries", true}};
  const std::string status = HealthStatus(services), health = ToLowerAscii(call.Text("health", status));
  if (health != "green" && health != "yellow" && health != "red")
    return IllegalArgument("unknown cluster health status [" + health + "]");
  for (const auto& collection : collections) {
    if (health != status) break;
    index::CollectionIndex::Stats stats;
    if (const auto index = services.deps.indexes.Get(collection->id); index != nullptr)
      stats = index->stats();
    TRINE_ASSIGN(const std::string size, SizeText(call, stats.file_bytes + stats.memory_bytes));
    table.rows.push_back({status, "open", collection->name, collection->uuid, "1", "0",
                          std::to_string(stats.live_rows), std::to_string(stats.deleted_rows),
                          std::to_string(collection->created.value), format::FormatTime(collection->created),
                          size, size});
  }
  return Print(std::move(table), call);
}

Result<Answer> CatHealth(Services& services, const Call& call) {
  Table table;
  table.columns = {{"epoch", "t", "seconds since 1970-01-01 00:00:00", true},
                   {"timestamp", "ts", "time in HH:MM:SS"},
                   {"cluster", "cl", "cluster name"},
                   {"status", "st", "health status"},
                   {"node.total", "nt", "total number of nodes", true},
                   {"node.data", "nd", "number of nodes that can store data", true},
                   {"discovered_cluster_manager", "dcm", "cluster manager is discovered or not"},
                   {"shards", "t", "total number of shards", true},
                   {"pri", "p", "number of primary shards", true},
                   {"relo", "r", "number of relocating nodes", true},
                   {"init", "i", "number of initializing nodes", true},
                   {"unassign", "u", "number of unassigned shards", true},
                   {"pending_tasks", "pt", "number of pending tasks", true},
                   {"max_task_wait_time", "mtwt", "wait time of longest task pending"},
                   {"active_shards_percent", "asp", "active number of shards in percent"}};
  const auto [epoch, time] = Stamp(services.deps.clock);
  TRINE_ASSIGN(const Collections collections, services.deps.catalogue.Resolve("_all", true));
  const std::string shards = std::to_string(collections.size());
  table.rows.push_back({epoch, time, services.deps.cluster_name, HealthStatus(services), "1", "1", "true",
                        shards, shards, "0", "0", "0", "0", "-", "100.0%"});
  return Print(std::move(table), call);
}

Result<Answer> CatCount(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  uint64_t count = 0;
  for (const auto& collection : collections) {
    if (const auto index = services.deps.indexes.Get(collection->id); index != nullptr)
      count += index->stats().live_rows;
  }
  const auto [epoch, time] = Stamp(services.deps.clock);
  Table table;
  table.columns = {{"epoch", "t", "seconds since 1970-01-01 00:00:00", true},
                   {"timestamp", "ts", "time in HH:MM:SS"},
                   {"count", "dc", "the document count", true}};
  table.rows.push_back({epoch, time, std::to_string(count)});
  return Print(std::move(table), call);
}

}  // namespace trine::api::opensearch
