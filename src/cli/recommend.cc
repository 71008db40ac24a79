// `trine recommend`: items for a user, or items related to an item, with titles and reasons if an index has
// them.
#include <cstdio>
#include <map>

#include "cli/connection.h"
#include "cli/invocation.h"
#include "cli/print.h"
#include "cli/usage.h"
#include "format/text.h"

namespace trine::cli {
namespace {

using format::Json;

constexpr size_t kMaxReasons = 100;  // the API's limit for the items in one request for reasons

struct Options {
  std::string user, item, campaign, recommender, filter, index;
  size_t count = 10;
};

std::string ArnOf(const char* kind, const std::string& name) {
  return name.starts_with("arn:")
             ? name
             : "arn:aws:personalize:us-east-1:123456789012:" + std::string(kind) + "/" + name;
}

Result<Json> Recommend(Connection& connection, const Options& o) {
  Json body;
  if (!o.campaign.empty()) body.Set("campaignArn", ArnOf("campaign", o.campaign));
  if (!o.recommender.empty()) body.Set("recommenderArn", ArnOf("recommender", o.recommender));
  if (!o.filter.empty()) body.Set("filterArn", ArnOf("filter", o.filter));
  if (!o.user.empty()) body.Set("userId", o.user);
  if (!o.item.empty()) body.Set("itemId", o.item);
  body.Set("numResults", static_cast<uint64_t>(o.count));
  return connection.Call("POST", "/recommendations", body);
}

std::string TextAt(const Result<Json>& answer, const char* path) {
  const Json* value = answer.ok() ? answer->FindPath(path) : nullptr;
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

// The dataset group of a campaign or recommender; empty if the credentials do not allow the look-up.
std::string GroupOf(Connection& connection, const Options& o) {
  Json ask;
  std::string arn;
  if (!o.recommender.empty()) {
    ask.Set("recommenderArn", ArnOf("recommender", o.recommender));
    arn = TextAt(connection.CallPersonalize("DescribeRecommender", ask), "recommender.datasetGroupArn");
  } else {
    ask.Set("campaignArn", ArnOf("campaign", o.campaign));
    Json version;
    version.Set("solutionVersionArn",
                TextAt(connection.CallPersonalize("DescribeCampaign", ask), "campaign.solutionVersionArn"));
    arn = TextAt(connection.CallPersonalize("DescribeSolutionVersion", version),
                 "solutionVersion.datasetGroupArn");
  }
  return arn.substr(arn.rfind('/') + 1);
}

// The binding of the index that holds the group's items ("index", "item_id_field"); null if there is none.
Json BindingOf(Connection& connection, const Options& o) {
  if (!o.index.empty()) {
    auto bound = connection.Call("GET", "/_trine/bindings/" + format::PercentEncode(o.index), {});
    if (bound.ok()) return *std::move(bound);
    Json by_id;
    by_id.Set("index", o.index);
    return by_id;
  }
  const std::string group = GroupOf(connection, o);
  auto all = connection.Call("GET", "/_trine/bindings", {});
  const Json* list = all.ok() ? all->Find("bindings") : nullptr;
  if (group.empty() || list == nullptr || !list->is_array()) return {};
  for (const Json& binding : list->array()) {
    const Json* its = binding.Find("dataset_group");
    if (its != nullptr && its->is_string() && its->string() == group) return binding;
  }
  return {};
}

// Titles by item id, for the items that the index contains.
std::map<std::string, std::string> Titles(Connection& connection, const std::string& index,
                                          const std::string& id_field, const Json& ids) {
  Json body, query;
  if (id_field.empty()) {
    query.Set("ids", Json{}).Set("values", ids);
  } else {
    // Search the field and its keyword subfield: if the field has type text, its ids are split into terms,
    // and only the subfield holds them whole.
    Json either(Json::Array{});
    for (const std::string& field : {id_field, id_field + ".keyword"}) {
      Json terms;
      terms.Set("terms", Json{}).Set(field, ids);
      either.Push(std::move(terms));
    }
    query.Set("bool", Json{}).Set("should", std::move(either));
  }
  body.Set("query", std::move(query));
  body.Set("size", static_cast<uint64_t>(ids.array().size()));
  const std::vector<std::string> fields = TitleFields(connection, index);
  std::map<std::string, std::string> titles;
  auto found = connection.Call("POST", "/" + format::PercentEncode(index) + "/_search", body);
  const Json* hits = found.ok() ? found->FindPath("hits.hits") : nullptr;
  if (hits == nullptr || !hits->is_array()) return titles;
  for (const Json& hit : hits->array()) {
    const Json* source = hit.Find("_source");
    const Json* id = id_field.empty() || source == nullptr ? hit.Find("_id") : source->FindPath(id_field);
    if (id != nullptr && id->is_string()) titles[id->string()] = TitleOf(source, fields);
  }
  return titles;
}

// Reasons by item id: why the item suits the user.
std::map<std::string, std::string> Reasons(Connection& connection, const std::string& user,
                                           const std::string& index,
                                           const std::map<std::string, std::string>& known) {
  std::map<std::string, std::string> reasons;
  if (user.empty() || known.empty()) return reasons;
  Json body, ids(Json::Array{});
  for (const auto& [id, title] : known) {
    if (ids.array().size() < kMaxReasons) ids.Push(id);
  }
  body.Set("user_id", user);
  body.Set("index", index);
  body.Set("item_ids", std::move(ids));
  auto answer = connection.Call("POST", "/_trine/reason", body);
  const Json* items = answer.ok() ? answer->Find("items") : nullptr;
  if (items == nullptr || !items->is_array()) return reasons;
  for (const Json& item : items->array())
    reasons[PrintableText(item.Find("item_id"))] = PrintableText(item.Find("text"));
  return reasons;
}

void PrintItems(Connection& connection, const Options& o, const Json& answer) {
  const Json* items = answer.Find("itemList");
  if (items == nullptr || !items->is_array()) return;
  Json ids(Json::Array{});
  for (const Json& item : items->array()) {
    if (const Json* id = item.Find("itemId"); id != nullptr) ids.Push(*id);
  }
  std::map<std::string, std::string> titles, reasons;
  if (const Json binding = BindingOf(connection, o); !binding.is_null() && !ids.array().empty()) {
    const std::string index = PrintableText(binding.Find("index"));
    titles = Titles(connection, index, PrintableText(binding.Find("item_id_field")), ids);
    reasons = Reasons(connection, o.user, index, titles);
  }
  size_t rank = 0;
  for (const Json& item : items->array()) {
    const std::string id = item.Find("itemId") == nullptr ? "" : item.Find("itemId")->string();
    std::printf("%2zu. %s  %s  %s\n", ++rank, format::Printable(id).c_str(), titles[id].c_str(),
                PrintableText(item.Find("score")).c_str());
    std::string reason = reasons[id];
    if (const Json* given = item.Find("reason"); reason.empty() && given != nullptr && given->is_array()) {
      for (const Json& one : given->array()) reason += (reason.empty() ? "" : ", ") + PrintableText(&one);
    }
    if (!reason.empty()) std::printf("    %s\n", reason.c_str());
  }
}

int RunRecommend(const Invocation& invocation, const Options& o) {
  if (o.campaign.empty() == o.recommender.empty())
    return Fail(Error(ErrorCode::kUsage, "exactly one of --campaign and --recommender is needed"));
  auto connection = Connection::Open(invocation);
  if (!connection.ok()) return Fail(connection.error());
  const auto answer = Recommend(**connection, o);
  if (!answer.ok()) return Fail(answer.error());
  if (invocation.json)
    PrintDocument(*answer);
  else
    PrintItems(**connection, o, *answer);
  return kDone;
}

}  // namespace

void RegisterRecommend(CLI::App* app, Invocation* invocation) {
  auto o = std::make_shared<Options>();
  CLI::App* recommend = app->add_subcommand("recommend",
                                            "Recommend items to a user, or items related to an item, and "
                                            "explain why.\n\n  trine recommend --user user_42 "
                                            "--campaign my-campaign\n");
  recommend->add_option("--user", o->user, "id of the user");
  recommend->add_option("--item", o->item, "id of the item, for related items");
  recommend->add_option("--campaign", o->campaign, "campaign, by name or ARN; either this or --recommender");
  recommend->add_option("--recommender", o->recommender, "recommender, by name or ARN");
  recommend->add_option("--filter", o->filter, "filter, by name or ARN");
  recommend->add_option("--index", o->index,
                        "index that holds the items' titles; default: the one bound to the dataset group");
  recommend->add_option("--count", o->count, "number of items")
      ->check(IntegerFrom(1, 500), "")
      ->capture_default_str();
  AddTargetOptions(recommend, invocation);
  recommend->callback(
      [o, invocation] { invocation->run = [o, invocation] { return RunRecommend(*invocation, *o); }; });
}

}  // namespace trine::cli
