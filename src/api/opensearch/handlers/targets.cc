#include "api/opensearch/handlers/targets.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/query_parser.h"
#include "api/opensearch/request/path_filter.h"
#include "base/check.h"
#include "catalogue/name_pattern.h"
#include "catalogue/no_collection.h"

namespace trine::api::opensearch {

namespace {

// The part of an index expression that no wildcard is in; wildcards match nothing if `expand_wildcards` does
// not include open indices, because there are no others.
std::string WithoutWildcards(const std::string& expression) {
  std::string kept;
  for (const std::string& token : SplitList(expression)) {
    if (token == "_all" || token.find('*') != std::string::npos) continue;
    kept += (kept.empty() ? "" : ",") + token;
  }
  return kept;
}

}  // namespace

Result<Collections> ResolveIndices(Services& services, const Call& call) {
  std::string expression = call.Variable("index");
  TRINE_ASSIGN(const bool ignore, call.Flag("ignore_unavailable", false));
  TRINE_ASSIGN(const bool allow_none, call.Flag("allow_no_indices", true));
  bool open = false;
  for (const std::string& state : SplitList(call.Text("expand_wildcards", "open"))) {
    if (state != "open" && state != "closed" && state != "hidden" && state != "all" && state != "none")
      return IllegalArgument("No valid expand wildcard value [" + state + "]");
    // "none" takes back what is in front of it.
    open = state == "none" ? false : open || state == "open" || state == "all";
  }
  Collections found;
  if (!open) expression = WithoutWildcards(expression);
  if (open || !expression.empty()) {
    TRINE_ASSIGN(found, services.deps.catalogue.Resolve(expression, ignore));
  }
  if (found.empty() && !allow_none) return catalogue::NoCollection(expression.empty() ? "_all" : expression);
  return found;
}

Result<Collections> NamedDirectly(Collections found, const std::string& expression) {
  const std::vector<std::string> tokens = SplitList(expression);
  for (const std::string& token : tokens) {
    for (const auto& collection : found) {
      const bool is_alias = std::ranges::any_of(
          collection->aliases, [&token](const catalogue::Alias& alias) { return alias.name == token; });
      if (is_alias)
        return IllegalArgument("The provided expression [" + token +
                               "] matches an alias, specify the corresponding concrete indices instead.");
    }
  }
  std::erase_if(found, [&tokens](const catalogue::CollectionPtr& collection) {
    return std::ranges::none_of(tokens, [&collection](const std::string& token) {
      return token == "_all" || catalogue::MatchesPattern(token, collection->name);
    });
  });
  return found;
}

Result<catalogue::CollectionPtr> ResolveOneIndex(Services& services, const Call& call) {
  return services.deps.catalogue.ResolveOne(call.Variable("index"));
}

Status CheckMayWrite(const Services& services, const net::Caller& caller, const operations::WriteOp& op) {
  if (caller.role == net::Caller::Role::kAdmin) return Ok();
  const auto target = services.deps.catalogue.ResolveOne(op.collection);
  if (target.ok() || target.error().code != ErrorCode::kCollectionNotFound) return Ok();
  return Error(ErrorCode::kForbidden, "no permissions for [indices:admin/create] and User [name=" +
                                          caller.name + "]: only administrators may create an index")
      .Where(op.collection);
}

std::shared_ptr<const net::Wait> WaitForRefresh(Services& services, const Call& call,
                                                operations::RefreshPolicy refresh,
                                                const std::vector<operations::WriteOutcome>& outcomes) {
  if (refresh != operations::RefreshPolicy::kWait) return nullptr;
  std::set<std::string> written;
  for (const operations::WriteOutcome& outcome : outcomes) {
    if (!outcome.error) written.insert(outcome.collection);
  }
  if (written.empty()) return nullptr;
  auto wait = std::make_shared<net::Wait>();
  wait->start = [&writer = services.deps.writer, names = std::vector(written.begin(), written.end())](
                    std::function<void()> resume) { writer.WhenSearchable(names, std::move(resume)); };
  wait->most_millis = call.deadline().MillisLeft();
  return wait;
}

Result<std::vector<search::QueryPtr>> AliasFilters(const Collections& collections,
                                                   const std::string& expression) {
  std::vector<search::QueryPtr> filters(collections.size());
  const std::vector<std::string> tokens = SplitList(expression);
  for (size_t i = 0; i < collections.size(); ++i) {
    TRINE_DCHECK(collections[i] != nullptr);
    bool whole = tokens.empty();
    search::Bool any;
    for (const std::string& token : tokens) {
      whole =
          whole || token == "_all" || token == "*" || catalogue::MatchesPattern(token, collections[i]->name);
      for (const catalogue::Alias& alias : collections[i]->aliases) {
        if (!catalogue::MatchesPattern(token, alias.name)) continue;
        if (alias.filter.is_null()) {
          whole = true;
          continue;
        }
        TRINE_ASSIGN(search::QueryPtr filter, ParseQuery(alias.filter, "filter"));
        any.should.push_back(std::move(filter));
      }
    }
    if (whole || any.should.empty()) continue;
    filters[i] = any.should.size() == 1 ? any.should.front() : search::MakeQuery(std::move(any));
  }
  return filters;
}

format::Json ShardsOf(size_t collections) {
  format::Json shards;
  shards.Set("total", static_cast<uint64_t>(collections));
  shards.Set("successful", static_cast<uint64_t>(collections));
  shards.Set("skipped", 0);
  shards.Set("failed", 0);
  return shards;
}

}  // namespace trine::api::opensearch
