// Indices: create, get, delete, mappings, settings, refresh and flush.
#include <algorithm>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/json/alias_json.h"
#include "api/opensearch/json/mapping_json.h"
#include "api/opensearch/json/settings_json.h"
#include "api/opensearch/request/path_filter.h"
#include "catalogue/name_pattern.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

// Parses the body of a request that creates an index.
Result<catalogue::NewCollection> ParseNewIndex(const Dependencies& deps, const std::string& name,
                                               const Json& body) {
  catalogue::NewCollection spec;
  spec.name = name;
  if (body.is_null()) return spec;
  for (const auto& [key, value] : body.object()) {
    if (key != "settings" && key != "mappings" && key != "aliases")
      return Error(ErrorCode::kDefinitionSyntax, "unknown key [" + key + "] for create index");
  }
  const auto part = [&body](const char* key) {
    const Json* found = body.Find(key);
    return found != nullptr ? *found : Json();
  };
  TRINE_ASSIGN(spec.settings, ParseSettings(part("settings"), deps.analyzers));
  Result<catalogue::Mapping> mapping = ParseMapping(part("mappings"), spec.settings, deps.analyzers);
  // In OpenSearch, such an error is the cause of another one if the index is new.
  if (!mapping.ok() && mapping.error().code == ErrorCode::kMappingSyntax)
    return Error(mapping.error()).Detail("of", "new index");
  TRINE_ASSIGN(spec.mapping, std::move(mapping));
  TRINE_ASSIGN(spec.aliases, ParseAliases(part("aliases")));
  catalogue::Collection collection;
  collection.name = name;
  collection.settings = spec.settings;
  collection.mapping = spec.mapping;
  TRINE_TRY(CheckAliasFilters(spec.aliases, collection, deps.analyzers, deps.clock.Now()));
  return spec;
}

// Builds {collection: {key: print(collection)}} for all collections.
template <typename Print>
Answer ForEach(const Collections& collections, const char* key, const Print& print) {
  Json body(Json::Object{});
  for (const auto& collection : collections) {
    Json one;
    one.Set(key, print(*collection));
    body.Set(collection->name, std::move(one));
  }
  return JsonAnswer(body);
}

// Fails if a parameter for a feature that is not implemented is true.
Status RefuseFlag(const Call& call, const char* name) {
  TRINE_ASSIGN(const bool on, call.Flag(name, false));
  return on ? Status(NotSupported("[" + std::string(name) + "]")) : Ok();
}

Answer ShardsAnswer(size_t collections) {
  Json shards, body;
  shards.Set("total",
             static_cast<uint64_t>(collections) * 2);  // each has one shard and one unassigned replica
  shards.Set("successful", static_cast<uint64_t>(collections));
  shards.Set("failed", 0);
  body.Set("_shards", std::move(shards));
  return JsonAnswer(body);
}

}  // namespace

Result<Answer> CreateIndex(Services& services, const Call& call) {
  const std::string& name = call.Variable("index");
  TRINE_ASSIGN(const Json body, call.Body());
  TRINE_ASSIGN(catalogue::NewCollection spec, ParseNewIndex(services.deps, name, body));
  auto made = services.deps.catalogue.Create(std::move(spec));
  if (!made.ok()) {
    ErrorContext about;
    const bool refused = !made.error().DetailOf("blocked").empty();
    if (!refused) about.index = name;  // otherwise there is no index to block
    WireError wire = ToWire(made.error(), about);
    if (const auto there = services.deps.catalogue.Get(name);
        there != nullptr && made.error().kind() == ErrorKind::kExists) {
      about.uuid = there->uuid;
      wire = ToWire(made.error(), about);
      wire.reason = "index [" + name + "/" + there->uuid + "] already exists";
    }
    return JsonAnswer(ErrorBody(wire), wire.status);
  }
  // Makes the new index searchable before anything is written to it.
  TRINE_TRY(services.deps.writer.RefreshNow({*made}));
  Json answer;
  answer.Set("acknowledged", true);
  answer.Set("shards_acknowledged", true);
  answer.Set("index", name);
  return JsonAnswer(answer);
}

Result<Answer> GetIndex(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_ASSIGN(const bool flat, call.Flag("flat_settings", false));
  TRINE_TRY(RefuseFlag(call, "include_defaults"));
  Json body(Json::Object{});
  for (const auto& collection : collections) {
    Json one;
    one.Set("aliases", PrintAliases(collection->aliases));
    one.Set("mappings", PrintMapping(collection->mapping));
    one.Set("settings", PrintSettings(*collection, flat));
    body.Set(collection->name, std::move(one));
  }
  return JsonAnswer(body);
}

Result<Answer> IndexExists(Services& services, const Call& call) {
  TRINE_TRY(ResolveIndices(services, call));
  return Answer{};
}

Result<Answer> DeleteIndex(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections found, ResolveIndices(services, call));
  TRINE_ASSIGN(const Collections collections, NamedDirectly(found, call.Variable("index")));
  for (const auto& collection : collections) TRINE_TRY(services.deps.writer.DropCollection(collection->name));
  return Acknowledged();
}

Result<Answer> GetMapping(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  return ForEach(collections, "mappings",
                 [](const catalogue::Collection& c) { return PrintMapping(c.mapping); });
}

Result<Answer> GetFieldMapping(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  const std::vector<std::string> patterns = SplitList(call.Variable("fields"));
  return ForEach(collections, "mappings", [&](const catalogue::Collection& collection) {
    Json fields(Json::Object{});
    for (const auto& [path, field] : collection.mapping.Leaves()) {
      // clang 14 cannot capture a structured binding
      const auto matches = [&path = path](const std::string& p) {
        return catalogue::MatchesPattern(p, path);
      };
      if (std::ranges::none_of(patterns, matches)) continue;
      Json mapping, one;
      mapping.Set(field->name, PrintField(*field));
      one.Set("full_name", path);
      one.Set("mapping", std::move(mapping));
      fields.Set(path, std::move(one));
    }
    return fields;
  });
}

Result<Answer> PutMapping(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_ASSIGN(const Json body, call.RequiredBody());
  TRINE_TRY(RefuseFlag(call, "write_index_only"));
  for (const auto& collection : collections) {
    TRINE_ASSIGN(catalogue::Mapping more, ParseMapping(body, collection->settings, services.deps.analyzers));
    // Members that are absent from the body stay unchanged.
    if (body.Find("dynamic") == nullptr) more.dynamic = collection->mapping.dynamic;
    if (body.Find("date_detection") == nullptr) more.date_detection = collection->mapping.date_detection;
    if (body.Find("_meta") == nullptr) more.meta = collection->mapping.meta;
    TRINE_TRY(services.deps.catalogue.AddFields(collection->name, more));
  }
  return Acknowledged();
}

Result<Answer> GetSettings(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_ASSIGN(const bool flat, call.Flag("flat_settings", false));
  TRINE_TRY(RefuseFlag(call, "include_defaults"));
  const std::vector<std::string> names = SplitList(call.Variable("name"));
  const bool all = names.empty() || names[0] == "_all" || names[0] == "*";
  return ForEach(collections, "settings", [&](const catalogue::Collection& collection) {
    Json settings = PrintSettings(collection, flat);
    if (!all && !flat) settings = FilterPath(settings, names);
    if (!all && flat) {
      std::erase_if(settings.object(), [&names](const auto& setting) {
        return std::ranges::none_of(names, [&setting](const std::string& pattern) {
          return catalogue::MatchesPattern(pattern, setting.first);
        });
      });
    }
    return settings;
  });
}

Result<Answer> PutSettings(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_ASSIGN(const Json body, call.RequiredBody());
  TRINE_TRY(RefuseFlag(call, "preserve_existing"));
  for (const auto& collection : collections) {
    TRINE_ASSIGN(catalogue::CollectionSettings settings,
                 ChangeSettings(*collection, body, services.deps.analyzers));
    TRINE_TRY(services.deps.catalogue.PutSettings(collection->name, std::move(settings)));
  }
  return Acknowledged();
}

Result<Answer> RefreshIndex(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_TRY(services.deps.writer.RefreshNow(collections));
  return ShardsAnswer(collections.size());
}

Result<Answer> FlushIndex(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_TRY(services.deps.writer.Flush(collections));
  return ShardsAnswer(collections.size());
}

}  // namespace trine::api::opensearch
