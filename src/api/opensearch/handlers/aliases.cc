// Aliases: changes them atomically, and lists them.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/json/alias_json.h"
#include "api/opensearch/request/body_reader.h"
#include "api/opensearch/request/path_filter.h"
#include "base/check.h"
#include "catalogue/name_pattern.h"

namespace trine::api::opensearch {
namespace {

using catalogue::Catalogue;
using format::Json;

Answer AliasesMissing(std::vector<std::string> names) {
  TRINE_DCHECK(!names.empty());
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string list;
  Json ids(Json::Array{});
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + name;
    ids.Push(name);
  }
  WireError error;
  error.status = 404;
  error.type = "aliases_not_found_exception";
  error.reason = "aliases [" + list + "] missing";
  error.details.Set("resource.type", "aliases");
  error.details.Set("resource.id", names.size() == 1 ? Json(list) : std::move(ids));
  return JsonAnswer(ErrorBody(error), 404);
}

Result<std::vector<std::string>> ReadNames(BodyReader* r, const char* one, const char* many) {
  std::vector<std::string> names;
  if (r->Has(one) && r->Has(many))
    return IllegalArgument("only one of [" + std::string(one) + "] and [" + many + "] may be given");
  for (const char* key : {one, many}) {
    for (const Json* value : r->List(key)) {
      if (!value->is_string()) return r->Wrong(key, "a string", *value);
      for (std::string& name : SplitList(value->string())) names.push_back(std::move(name));
    }
  }
  return names;
}

struct AliasActions {
  std::vector<Catalogue::AliasChange> changes;
  std::vector<std::string> drops;  // names of collections
  // Aliases that a remove did not find: with "must_exist": true; and without that option, which matters only
  // if the request does nothing else.
  std::vector<std::string> missing, absent;
  bool changes_nothing_on_purpose = false;  // a remove with "must_exist": false found nothing
};

// Reads {"remove_index": {"index": "a"}}.
Status AddRemovedIndex(Services& services, const Json& body, AliasActions* actions) {
  BodyReader r(body, "remove_index", "actions.remove_index");
  TRINE_ASSIGN(const auto indexes, ReadNames(&r, "index", "indices"));
  r.Flag("must_exist", true);
  TRINE_TRY(r.Done());
  if (indexes.empty()) return IllegalArgument("One of [index] or [indices] is required");
  for (const std::string& expression : indexes) {
    TRINE_ASSIGN(const Collections found, services.deps.catalogue.Resolve(expression, false));
    TRINE_ASSIGN(const Collections collections, NamedDirectly(found, expression));
    for (const auto& collection : collections) {
      if (std::ranges::find(actions->drops, collection->name) == actions->drops.end())
        actions->drops.push_back(collection->name);
    }
  }
  return Ok();
}

// Reads one action.
Status AddAction(Services& services, const std::string& kind, const Json& body, AliasActions* actions) {
  if (kind == "remove_index") return AddRemovedIndex(services, body, actions);
  if (kind != "add" && kind != "remove")
    return Error(ErrorCode::kRequestSyntax, "[alias_action] unknown field [" + kind + "]");
  BodyReader r(body, kind, "actions." + kind);
  TRINE_ASSIGN(const auto indexes, ReadNames(&r, "index", "indices"));
  TRINE_ASSIGN(const auto aliases, ReadNames(&r, "alias", "aliases"));
  std::optional<bool> must_exist;
  if (const Json* given = r.Raw("must_exist"); given != nullptr && !given->is_null())
    must_exist = r.Flag("must_exist", true);
  Json options(Json::Object{});
  for (const char* key :
       {"filter", "is_write_index", "is_hidden", "routing", "index_routing", "search_routing"}) {
    if (const Json* value = r.Raw(key); value != nullptr) options.Set(key, *value);
  }
  TRINE_TRY(r.Done());
  if (indexes.empty()) return IllegalArgument("One of [index] or [indices] is required");
  if (aliases.empty()) return IllegalArgument("One of [alias] or [aliases] is required");
  for (const std::string& expression : indexes) {
    TRINE_ASSIGN(const Collections collections, services.deps.catalogue.Resolve(expression, false));
    for (const auto& collection : collections) {
      for (const std::string& name : aliases) {
        TRINE_ASSIGN(catalogue::Alias alias, ParseAlias(name, options));
        if (kind == "add") {
          TRINE_TRY(
              CheckAliasFilters({alias}, *collection, services.deps.analyzers, services.deps.clock.Now()));
          actions->changes.push_back({true, collection->name, std::move(alias)});
          continue;
        }
        bool found = false;
        for (const catalogue::Alias& there : collection->aliases) {
          if (!catalogue::MatchesPattern(name, there.name)) continue;
          found = true;
          actions->changes.push_back({false, collection->name, there});
        }
        if (found) continue;
        if (must_exist == false)
          actions->changes_nothing_on_purpose = true;
        else
          (must_exist == true ? actions->missing : actions->absent).push_back(name);
      }
    }
  }
  return Ok();
}

}  // namespace

Result<Answer> UpdateAliases(Services& services, const Call& call) {
  TRINE_ASSIGN(const Json body, call.RequiredBody());
  BodyReader r(body, "aliases", "body");
  const Json* actions = r.Raw("actions");
  TRINE_TRY(r.Done());
  if (actions == nullptr || !actions->is_array() || actions->array().empty())
    return IllegalArgument("No action specified");
  AliasActions asked;
  for (const Json& action : actions->array()) {
    if (!action.is_object() || action.object().size() != 1)
      return ParsingError("an alias action must be an object with one member", "actions");
    TRINE_TRY(AddAction(services, action.object()[0].first, action.object()[0].second, &asked));
  }
  if (!asked.missing.empty()) return AliasesMissing(asked.missing);
  const bool nothing = asked.changes.empty() && asked.drops.empty() && !asked.changes_nothing_on_purpose;
  if (nothing && !asked.absent.empty()) return AliasesMissing(asked.absent);
  TRINE_TRY(services.deps.writer.ChangeAliases(asked.changes, asked.drops));
  return Acknowledged();
}

Result<Answer> GetAliases(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  const std::string& wanted = call.Variable("name");
  const std::vector<std::string> patterns = SplitList(wanted.empty() ? "*" : wanted);
  Json body(Json::Object{});
  bool any = false;
  for (const auto& collection : collections) {
    std::vector<catalogue::Alias> found;
    for (const catalogue::Alias& alias : collection->aliases) {
      for (const std::string& pattern : patterns) {
        if (pattern != "_all" && !catalogue::MatchesPattern(pattern, alias.name)) continue;
        found.push_back(alias);
        break;
      }
    }
    any = any || !found.empty();
    if (found.empty() && !wanted.empty()) continue;
    Json one;
    one.Set("aliases", PrintAliases(found));
    body.Set(collection->name, std::move(one));
  }
  const bool wild = wanted.find('*') != std::string::npos || wanted == "_all";
  if (!any && !wanted.empty() && !wild) {
    Json error;
    error.Set("error", "alias [" + wanted + "] missing");
    error.Set("status", 404);
    return JsonAnswer(error, 404);
  }
  return JsonAnswer(body);
}

Result<Answer> PutAlias(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  TRINE_ASSIGN(const Json body, call.Body());
  TRINE_ASSIGN(const catalogue::Alias alias, ParseAlias(call.Variable("name"), body));
  std::vector<Catalogue::AliasChange> changes;
  for (const auto& collection : collections) {
    TRINE_TRY(CheckAliasFilters({alias}, *collection, services.deps.analyzers, services.deps.clock.Now()));
    changes.push_back({true, collection->name, alias});
  }
  TRINE_TRY(services.deps.catalogue.ChangeAliases(changes));
  return Acknowledged();
}

Result<Answer> DeleteAlias(Services& services, const Call& call) {
  TRINE_ASSIGN(const Collections collections, ResolveIndices(services, call));
  std::vector<Catalogue::AliasChange> changes;
  for (const std::string& name : SplitList(call.Variable("name"))) {
    const size_t before = changes.size();
    for (const auto& collection : collections) {
      for (const catalogue::Alias& alias : collection->aliases) {
        if (name == "_all" || catalogue::MatchesPattern(name, alias.name))
          changes.push_back({false, collection->name, alias});
      }
    }
    if (changes.size() == before) return AliasesMissing({name});
  }
  TRINE_TRY(services.deps.catalogue.ChangeAliases(changes));
  return Acknowledged();
}

}  // namespace trine::api::opensearch
