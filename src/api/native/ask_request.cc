#include "api/native/ask_request.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"

namespace trine::api::native {
namespace {

using format::Json;

std::optional<double> WeightOf(BodyReader* body) {
  const Json* weight = body->Raw("weight");
  if (weight == nullptr || (weight->is_string() && weight->string() == "auto")) return std::nullopt;
  if (!weight->is_number() || !(weight->number() >= 0 && weight->number() <= 1))
    return body->Fail(body->Wrong("weight", "a number from 0 to 1, or \"auto\"")), std::nullopt;
  return weight->number();
}

recommend::Context ContextOf(BodyReader* body) {
  recommend::Context context;
  const Json* given = body->Object("context");
  if (given == nullptr) return context;
  for (const auto& [name, value] : given->object()) {
    if (!value.is_string() || context.size() >= 150)
      return body->Fail(body->Wrong("context", "an object with at most 150 strings")), context;
    context.emplace_back(name, value.string());
  }
  return context;
}

// Adds the filter of the alias `name`, if it is an alias with a filter, to that of the call. kForbidden for
// callers who see only some fields: the filter may use others, which are not searched for them.
Status AddAliasFilter(const Dependencies& deps, const std::string& name, formation::AskCall* call) {
  TRINE_DCHECK(call->collection != nullptr);
  for (const catalogue::Alias& alias : call->collection->aliases) {
    if (alias.name != name || alias.filter.is_null()) continue;
    if (!call->visible_fields.empty())
      return Error(ErrorCode::kForbidden,
                   "credentials that are limited to some fields may not use an alias with a filter")
          .Where("index");
    auto filter = deps.parse_query(alias.filter);
    // The filter was checked when it was defined.
    if (!filter.ok())
      return Error(ErrorCode::kCorrupt, "the filter of the alias cannot be read")
          .Where(name)
          .Cause(std::move(filter).error());
    search::Bool both;
    both.filter = {*std::move(filter)};
    if (call->filter != nullptr) both.filter.push_back(call->filter);
    call->filter = search::MakeQuery(std::move(both));
  }
  return Ok();
}

// Whether the campaign exists. Public callers reach only those of the group that the index is bound to; the
// answer for others is the same as for an unknown one.
bool MayUseCampaign(const Dependencies& deps, const formation::AskCall& call, bool is_public) {
  const auto campaign = deps.resources.Get(recommend::ResourceKind::kCampaign, call.campaign);
  if (!campaign) return false;
  const auto binding = is_public ? deps.catalogue.BindingOf(call.collection->name) : std::nullopt;
  return !is_public || (binding && binding->group == campaign->group);
}

}  // namespace

Result<AskRequest> ReadAskRequest(const Dependencies& deps, const net::Request& request, const Json& json) {
  BodyReader body(json);
  AskRequest out;
  formation::AskCall& call = out.call;
  call.question = body.Text("question", true, limits::kMaxQuestionBytes);
  call.user_id = body.Text("user_id", false, limits::kMaxIdBytes);
  call.session_id = body.Text("session_id", false, limits::kMaxIdBytes);
  const std::string index = body.Text("index", true, 255);
  const std::string campaign = body.Text("campaign", false);
  TRINE_ASSIGN(call.campaign, CampaignPath(deps.read_name, campaign));
  call.size = static_cast<size_t>(body.Int("size", 5, 1, 100));
  call.language = LanguageOf(&body);
  call.weight = WeightOf(&body);
  const bool is_public = request.caller.role == net::Caller::Role::kPublic;
  if (const Json* filter = body.Object("filter"); filter != nullptr) {
    if (is_public)
      return Error(ErrorCode::kForbidden,
                   "requests with public credentials may not include a filter, because a filter could be "
                   "used to probe hidden fields")
          .Where("filter");
    TRINE_ASSIGN(call.filter, deps.parse_query(*filter));
  }
  call.context = ContextOf(&body);
  call.deadline_ms = body.Int("deadline_ms", 2000, 1, 60'000);
  out.stream = body.Flag("stream", false);
  TRINE_TRY(body.Done());
  if (!IsValidUtf8(call.question))
    return Error(ErrorCode::kInvalid, "the question is not UTF-8").Where("question");
  TRINE_ASSIGN(call.collection, ResolveIndex(deps, request, index));
  call.visible_fields = request.caller.fields;
  call.caller = request.caller.name;
  TRINE_TRY(AddAliasFilter(deps, index, &call));
  // An unknown campaign is the caller's mistake and therefore an error. With an inactive campaign, the
  // answer is merely not personalised.
  if (!campaign.empty() && !MayUseCampaign(deps, call, is_public)) {
    TRINE_TRY(deps.resources.Readable(recommend::ResourceKind::kCampaign, call.campaign));
    return Error(ErrorCode::kNotFound, "unknown campaign").Where("campaign").Got(campaign);
  }
  out.view = {!is_public, request.caller.fields, !is_public};
  return out;
}

Result<catalogue::CollectionPtr> ResolveIndex(const Dependencies& deps, const net::Request& request,
                                              const std::string& index) {
  const auto& allowed = request.caller.indexes;
  const auto reached = [&](std::string_view name) {
    return allowed.empty() || std::find(allowed.begin(), allowed.end(), name) != allowed.end();
  };
  auto collection = deps.catalogue.ResolveOne(index);
  // The answer is the same for an index that exists and for one that does not, so that it does not tell
  // which indexes there are.
  if (!reached(index) && (!collection.ok() || !reached((*collection)->name)))
    return Error(ErrorCode::kForbidden, "these credentials are limited to other indexes").Where("index");
  return collection;
}

std::string LanguageOf(BodyReader* body) {
  std::string language = body->Text("language", false, 8);
  if (language.empty()) return "auto";
  if (language != "auto" && language != "ko" && language != "en")
    body->Fail(body->Wrong("language", "ko, en or auto"));
  return language;
}

}  // namespace trine::api::native
