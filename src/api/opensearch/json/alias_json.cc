#include "api/opensearch/json/alias_json.h"

#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/query_parser.h"
#include "api/opensearch/request/body_reader.h"
#include "search/query/check.h"
#include "search/query/lower.h"
#include "search/query/schema.h"

namespace trine::api::opensearch {

using format::Json;

Result<catalogue::Alias> ParseAlias(const std::string& name, const Json& options) {
  catalogue::Alias alias;
  alias.name = name;
  if (name.empty()) return IllegalArgument("alias name must not be empty");
  if (options.is_null()) return alias;
  if (!options.is_object())
    return ParsingError("the options of alias [" + name + "] must be an object", name);
  for (const auto& [key, value] : options.object()) {
    if (key == "filter") {
      if (value.is_null() || (value.is_object() && value.object().empty())) continue;
      TRINE_TRY(ParseQuery(value, "filter"));
      alias.filter = value;
    } else if (key == "is_write_index") {
      const std::string text = value.is_bool() || value.is_string() ? ScalarText(value) : "";
      if (text != "true" && text != "false")
        return ParsingError("[is_write_index] must be true or false", name);
      alias.is_write = text == "true";
      alias.no_writes = !alias.is_write;
    } else if (key == "routing" || key == "index_routing" || key == "search_routing") {
      // It would become the routing of every document that is written through the alias.
      if (!value.is_null()) return NotSupported("[" + key + "] in an alias");
    } else if (key == "is_hidden") {
      if (!value.is_null() && ScalarText(value) != "false") return NotSupported("[is_hidden] in an alias");
    } else {
      return IllegalArgument("Unknown field [" + key + "] in alias [" + name + "]");
    }
  }
  return alias;
}

Result<std::vector<catalogue::Alias>> ParseAliases(const Json& given) {
  std::vector<catalogue::Alias> aliases;
  if (given.is_null()) return aliases;
  if (!given.is_object()) return ParsingError("[aliases] must be an object", "aliases");
  for (const auto& [name, options] : given.object()) {
    TRINE_ASSIGN(catalogue::Alias alias, ParseAlias(name, options));
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

Status CheckAliasFilters(const std::vector<catalogue::Alias>& aliases,
                         const catalogue::Collection& collection, const analysis::Analyzers& analyzers,
                         Millis now) {
  for (const catalogue::Alias& alias : aliases) {
    if (alias.filter.is_null()) continue;
    const search::Schema schema(collection, analyzers, now);
    const auto run = [&]() -> Status {
      TRINE_ASSIGN(const search::QueryPtr query, ParseQuery(alias.filter, "filter"));
      TRINE_TRY(search::Check(query));
      const auto lowered = search::Lower(query, schema);
      return lowered.ok() ? Ok() : Status(lowered.error());
    };
    if (const Status runs = run(); !runs.ok())
      return IllegalArgument("failed to parse filter for alias [" + alias.name + "]").Cause(runs.error());
  }
  return Ok();
}

Json PrintAliases(const std::vector<catalogue::Alias>& aliases) {
  Json out(Json::Object{});
  for (const catalogue::Alias& alias : aliases) {
    Json one(Json::Object{});
    if (!alias.filter.is_null()) one.Set("filter", alias.filter);
    if (alias.is_write || alias.no_writes) one.Set("is_write_index", alias.is_write);
    out.Set(alias.name, std::move(one));
  }
  return out;
}

}  // namespace trine::api::opensearch
